using ProyeccionSocial.Testing;

namespace ProyeccionSocial.TransparencyPortal.Tests;

/// <summary>Everything here is public, and documented.</summary>
public sealed class AccessTests(PortalService service) : AccessRules<Program>(service), IClassFixture<PortalService>
{
    protected override IEnumerable<string> Public =>
    [
        "GET /",
        "GET /portal/a/{id:guid}",
        "GET /portal/buscar",
        "GET /portal/calendario",
        "GET /portal/datos",
        "GET /portal/desarrolladores",
        "GET /portal/historia",
        "GET /portal/lugar",
        "GET /portal/mapa",
        "GET /portal/novedades.atom",
        "GET /portal/periodico-mural/{id:guid}/imprimir",
        "GET /portal/preguntar",
        "GET /portal/vivo.js",
        "GET /portal/{slug}",
        "GET /portal/{slug}/novedades.atom",
        "GET /portal/{slug}/{id:guid}",
        "GET /portal/{slug}/{id:guid}/novedades.atom",
        "GET /v1/transparency/archives/",
        "GET /v1/transparency/archives/{quarter}",
        "GET /v1/transparency/asyncapi",
        "GET /v1/transparency/calendar",
        "GET /v1/transparency/calendar/export",
        "GET /v1/transparency/catalog",
        "GET /v1/transparency/history/{source}/blocks",
        "GET /v1/transparency/history/{source}/blocks/export",
        "GET /v1/transparency/history/{source}/blocks/{number:int}",
        "GET /v1/transparency/history/{source}/export",
        "GET /v1/transparency/live",
        "GET /v1/transparency/news/",
        "GET /v1/transparency/news/export",
        "GET /v1/transparency/places",
        "GET /v1/transparency/places/export",
        "GET /v1/transparency/schemas/{type}",
        "GET /v1/transparency/subjects/",
        "GET /v1/transparency/subjects/export",
        "GET /v1/transparency/subjects/{id:guid}",
        "GET /v1/transparency/subjects/{id:guid}/export",
        "GET /v1/transparency/subjects/{id:guid}/tables/{table}/export",
        "POST /v1/transparency/history/{source}/verifications",
    ];

    [Fact]
    public async Task Odd_requests_are_answered_in_an_orderly_way()
    {
        var (sent, wrong) = await BadRequestRun.SendAsync(Service.Services, role => Service.As(role), mayPass: true, _ => null);
        Assert.True(sent > 5, $"Only {sent} were sent.");
        EndpointTables.NothingIn(wrong);
    }
}
