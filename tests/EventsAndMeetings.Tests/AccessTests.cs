using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class AccessTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public void Every_endpoint_says_who_may_call_it()
    {
        var endpoints = EndpointTables.Of(service.Services);
        Assert.True(endpoints.Count > 20, $"Only {endpoints.Count} endpoints were found.");
        Assert.All(endpoints, e => Assert.True(e.Allowed is not null || e.IsPublic || e.IsForOperators, e.Name));
    }

    [Fact]
    public void Only_health_documentation_and_published_events_are_public() => Assert.Equal(
        [
            "GET /alive", "GET /health", "GET /openapi/{documentName}.json", "GET /v1/agenda/public/calendar/bodies/{id:guid}.ics", "GET /v1/agenda/public/calendar/places.ics",
            "GET /v1/agenda/public/calendar/unit.ics", "GET /v1/agenda/public/calendar/{kind}/{id:guid}", "GET /v1/agenda/public/invitations/{code}",
            "GET /v1/agenda/public/meetings/{id:guid}/minutes/{number:int}", "GET /v1/agenda/public/registrations/{code}", "GET /v1/agenda/published",
        ],
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
