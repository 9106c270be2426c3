using Xunit;

namespace ProyeccionSocial.Testing;

/// <summary>What holds for every endpoint of every service; a service's own class says only what is public in it.</summary>
/// <typeparam name="TProgram">The service's <c>Program</c>.</typeparam>
public abstract class AccessRules<TProgram>(ServiceUnderTest<TProgram> service)
    where TProgram : class
{
    private static readonly string[] OfEveryService = ["GET /alive", "GET /health", "GET /openapi/{documentName}.json"];

    /// <summary>The service.</summary>
    protected ServiceUnderTest<TProgram> Service => service;

    /// <summary>What anybody may call below the service's own path, as <c>GET /v1/…</c>.</summary>
    protected abstract IEnumerable<string> Public { get; }

    [Fact]
    public void Every_endpoint_says_who_may_call_it()
    {
        var endpoints = EndpointTables.Of(service.Services);
        Assert.True(endpoints.Count > 15, $"Only {endpoints.Count} endpoints were found.");
        Assert.All(endpoints, e => Assert.True(e.Allowed is not null || e.IsPublic || e.IsForOperators, e.Name));
    }

    [Fact]
    public void Nothing_but_what_is_listed_is_public() => Assert.Equal(
        OfEveryService.Concat(Public).Order(StringComparer.Ordinal), EndpointTables.Of(service.Services).Where(e => e.IsPublic).Select(e => e.Name).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_endpoint_and_its_query_are_documented() =>
        EndpointTables.NothingIn(await EndpointTables.UndocumentedAsync(service.Services, service.As(null)));

    [Fact]
    public async Task Every_body_and_answer_has_an_example() =>
        EndpointTables.NothingIn(await EndpointTables.WithoutExampleAsync(service.Services, service.As(null)));

    [Fact]
    public async Task Every_endpoint_answers_each_role_as_it_says() => EndpointTables.NothingIn(await WrongAnswersAsync());

    /// <summary>Calls every endpoint as everybody; gives the answers that are not what the endpoint, or the service's table, says.</summary>
    protected virtual Task<IReadOnlyList<string>> WrongAnswersAsync() => EndpointTables.CallAsEverybodyAsync(service.Services, (role, scope) => service.As(role, scope));
}
