using ProyeccionSocial.Testing;

namespace ProyeccionSocial.ParticipatoryBudget.Tests;

public sealed class AccessTests(BudgetService service) : IClassFixture<BudgetService>
{
    [Fact]
    public void Every_endpoint_says_who_may_call_it() =>
        Assert.All(EndpointTables.Of(service.Services), e => Assert.True(e.Allowed is not null || e.IsPublic || e.IsForOperators, e.Name));

    [Fact]
    public void Only_health_documentation_and_published_events_are_public() => Assert.Equal(
        ["GET /alive", "GET /health", "GET /openapi/{documentName}.json", "GET /v1/budget/published"],
        EndpointTables.Of(service.Services).Where(e => e.IsPublic).Select(e => e.Name).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_endpoint_and_its_query_are_documented() =>
        EndpointTables.NothingIn(await EndpointTables.UndocumentedAsync(service.Services, service.As(null)));

    [Fact]
    public async Task Every_endpoint_answers_each_role_as_it_says() =>
        EndpointTables.NothingIn(await EndpointTables.CallAsEverybodyAsync(service.Services, (role, scope) => service.As(role, scope)));

    [Fact]
    public async Task Every_body_and_answer_has_an_example() =>
        EndpointTables.NothingIn(await EndpointTables.WithoutExampleAsync(service.Services, service.As(null)));
}
