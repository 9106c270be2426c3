using ProyeccionSocial.Testing;

namespace ProyeccionSocial.ParticipatoryBudget.Tests;

public sealed class AccessTests(BudgetService service) : AccessRules<Program>(service), IClassFixture<BudgetService>
{
    protected override IEnumerable<string> Public =>
    [
        "GET /v1/budget/public/cycles/{id:guid}",
        "GET /v1/budget/public/cycles/{id:guid}/accountability",
        "GET /v1/budget/public/cycles/{id:guid}/zones/{number:int}/act",
        "GET /v1/budget/public/cycles/{id:guid}/zones/{number:int}/election.pb",
        "GET /v1/budget/public/projects/{id:guid}",
        "GET /v1/budget/public/projects/{id:guid}/photos/{photo:guid}",
        "GET /v1/budget/public/receipts/{code}",
        "GET /v1/budget/published",
    ];
}
