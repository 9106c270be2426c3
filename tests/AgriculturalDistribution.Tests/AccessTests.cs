using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

public sealed class AccessTests(DistributionService service) : AccessRules<Program>(service), IClassFixture<DistributionService>
{
    protected override IEnumerable<string> Public =>
    [
        "GET /v1/distribution/published",
        "GET /v1/distribution/device",
        "GET /v1/distribution/device/{file}",
        "GET /v1/distribution/public/campaigns/{id:guid}",
        "GET /v1/distribution/public/keys",
        "GET /v1/distribution/public/receipts/{receipt:guid}",
    ];
}
