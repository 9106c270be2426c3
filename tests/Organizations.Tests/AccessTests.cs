using System.Net;
using System.Net.Http.Headers;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class AccessTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public void Every_endpoint_says_who_may_call_it()
    {
        var endpoints = EndpointTables.Of(service.Services);
        Assert.True(endpoints.Count > 25, $"Only {endpoints.Count} endpoints were found.");
        Assert.All(endpoints, e => Assert.True(e.Allowed is not null || e.IsPublic || e.IsForOperators, e.Name));
    }

    [Fact]
    public void Only_health_documentation_places_and_published_events_are_public() => Assert.Equal(
        [
            "GET /alive", "GET /health", "GET /openapi/{documentName}.json", "GET /v1/organizations/places/", "GET /v1/organizations/places/export",
            "GET /v1/organizations/published", "GET /v1/organizations/verify/{code}",
        ],
        EndpointTables.Of(service.Services).Where(e => e.IsPublic).Select(e => e.Name).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_endpoint_and_its_query_are_documented() =>
        EndpointTables.NothingIn(await EndpointTables.UndocumentedAsync(service.Services, service.As(null)));

    [Fact]
    public async Task Every_endpoint_answers_each_role_as_it_says() =>
        EndpointTables.NothingIn(await EndpointTables.CallAsEverybodyAsync(service.Services, (role, scope) => service.As(role, scope)));

    [Theory]
    [InlineData("expired")]
    [InlineData("another key")]
    [InlineData("another audience")]
    [InlineData("garbage")]
    public async Task A_token_that_is_not_ours_is_401(string kind)
    {
        using var client = service.As(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", kind switch
        {
            "expired" => Tokens.For(Roles.Secretary, lifetime: TimeSpan.FromMinutes(-5)),
            "another key" => Tokens.For(Roles.Secretary, key: new string('x', 40)),
            "another audience" => Tokens.For(Roles.Secretary, audience: "another-system"),
            _ => "a.b.c",
        });
        await client.SendJsonAsync(HttpMethod.Get, "/v1/organizations/associations", null).ProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task A_role_that_nobody_knows_may_nothing() =>
        await service.As("mayor").SendJsonAsync(HttpMethod.Get, "/v1/organizations/associations", null).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
}
