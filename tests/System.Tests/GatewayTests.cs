using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>What the only door promises, whatever stands behind it.</summary>
[Collection("system")]
public sealed class GatewayTests(RunningSystem system)
{
    [Theory]
    [InlineData("organizations")]
    [InlineData("agenda")]
    [InlineData("budget")]
    [InlineData("distribution")]
    public async Task Each_service_has_its_OpenAPI_and_feed(string service)
    {
        var anyone = await system.AsAsync(null);
        var api = await anyone.GetAsync(new Uri($"/openapi/{service}.json", UriKind.Relative)).JsonAsync();
        Assert.StartsWith("3.", api.Text("openapi"), StringComparison.Ordinal);
        Assert.All(api["paths"]!.AsObject(), path => Assert.StartsWith($"/v1/{service}/", path.Key, StringComparison.Ordinal));
        var feed = await anyone.GetAsync(new Uri($"/v1/{service}/published?limit=5", UriKind.Relative)).JsonAsync();
        Assert.NotNull(feed["next"]);
    }

    [Fact]
    public async Task The_documentation_page_is_there()
    {
        var page = await (await system.AsAsync(null)).GetStringAsync(new Uri("/docs/index.html", UriKind.Relative));
        Assert.Contains("swagger-ui", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/agenda/published?limit=1", "*")]
    [InlineData("/v1/transparency/subjects?limit=1", "*")]
    [InlineData("/v1/agenda/public/calendar/unit.ics", null)]
    public async Task What_is_published_may_be_read_by_the_pages_of_others_and_nothing_else(string path, string? allowed)
    {
        using var anybody = await system.AsAsync(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Origin", "https://otra.example" } } };
        using var answer = await anybody.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(allowed, answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var origins) ? origins.Single() : null);
    }

    [Fact]
    public async Task What_the_services_publish_is_on_the_start_page()
    {
        await (await system.AsAsync("promoter")).SendJsonAsync(HttpMethod.Post, "/v1/agenda/series", new JsonObject
        {
            ["title"] = "Reunión para el portal", ["rule"] = "FREQ=MONTHLY;BYDAY=1TH", ["firstDay"] = "2027-01-01", ["lastDay"] = "2027-12-31", ["starts"] = "09:00:00", ["venue"] = "Sala del concejo",
        }).JsonAsync();
        var anyone = await system.AsAsync(null);
        await Eventually.TrueAsync(async () =>
        {
            await Task.Delay(500); // Who is nobody has thirty requests a second.
            return (await anyone.GetStringAsync(new Uri("/", UriKind.Relative))).Contains("Reunión para el portal", StringComparison.Ordinal);
        });
        Assert.Contains("/portal/reuniones-periodicas/", await anyone.GetStringAsync(new Uri("/portal/buscar?q=portal", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_names_every_part()
    {
        var health = await (await system.AsAsync(null)).GetAsync(new Uri("/health", UriKind.Relative)).JsonAsync();
        Assert.Equal("Healthy", health.Text("status"));
        var parts = health["parts"]!.AsObject();
        Assert.Equal(["agenda-0", "agenda-1", "budget-0", "budget-1", "distribution-0", "distribution-1", "gateway", "organizations-0", "organizations-1", "transparency-0", "transparency-1"], parts.Select(p => p.Key).Order());
        Assert.Equal("Healthy", parts["organizations-0"]!["parts"]!.Text("database"));
        Assert.Equal("Healthy", parts["organizations-0"]!["parts"]!.Text("messaging"));
    }

    [Fact]
    public async Task Who_is_nobody_gets_401_and_who_may_not_gets_403_in_our_words()
    {
        var anyone = await system.AsAsync(null);
        await anyone.GetAsync(new Uri("/v1/organizations/associations", UriKind.Relative)).ProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
        await (await system.AsAsync("resident")).GetAsync(new Uri("/v1/organizations/associations", UriKind.Relative)).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        await (await system.AsAsync("promoter")).GetAsync(new Uri("/v1/agenda/dead-letters", UriKind.Relative)).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        var letters = await (await system.AsAsync("operator")).GetAsync(new Uri("/v1/agenda/dead-letters", UriKind.Relative)).JsonAsync();
        Assert.Empty(letters["items"]!.AsArray());

        var forged = new HttpClient { BaseAddress = system.Gateway };
        forged.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.For("operator"));
        await forged.GetAsync(new Uri("/v1/agenda/dead-letters", UriKind.Relative)).ProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Unknown_paths_methods_and_types_are_4xx_problems()
    {
        var unit = await system.AsAsync("unit-head");
        await unit.GetAsync(new Uri("/v1/nothing", UriKind.Relative)).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await unit.GetAsync(new Uri("/v1/agenda/nothing", UriKind.Relative)).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await unit.DeleteAsync(new Uri("/v1/agenda/plans", UriKind.Relative)).ProblemAsync(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        await unit.SendJsonAsync(HttpMethod.Post, "/v1/agenda/series", new StringContent("{}", Encoding.UTF8, "text/plain"))
            .ProblemAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        await unit.SendJsonAsync(HttpMethod.Post, "/v1/agenda/series", new StringContent("{", Encoding.UTF8, "application/json"))
            .ProblemAsync(HttpStatusCode.BadRequest, "unreadable_body");
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_413_and_an_import_may_be_larger()
    {
        var unit = await system.AsAsync("unit-head");
        var large = new string(' ', 3 * 1024 * 1024);
        await unit.SendJsonAsync(HttpMethod.Post, "/v1/agenda/series", new StringContent(large, Encoding.UTF8, "application/json"))
            .ProblemAsync(HttpStatusCode.RequestEntityTooLarge, "too_large");
        using var import = await unit.SendJsonAsync(HttpMethod.Post, "/v1/organizations/places/imports", new StringContent("code,kind,name,parent_code,valid_from\n" + large, Encoding.UTF8, "text/csv"));
        Assert.Equal(HttpStatusCode.Accepted, import.StatusCode);
    }

    [Fact]
    public async Task A_caller_who_asks_too_much_waits_and_the_others_do_not()
    {
        var greedy = await system.AsAsync("auditor", "greedy");
        var answers = new List<HttpResponseMessage>();
        // As many at once as it takes on a slow machine, where the allowance grows while the requests are under way.
        for (var round = 0; round < 10 && answers.All(a => a.StatusCode != HttpStatusCode.TooManyRequests); round++)
            answers.AddRange(await Task.WhenAll(Enumerable.Range(0, 600).Select(_ => greedy.GetAsync(new Uri("/v1/agenda/plans?limit=1", UriKind.Relative)))));
        var refused = answers.First(a => a.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal("too_many_requests", JsonNode.Parse(await refused.Content.ReadAsStringAsync())!.Text("code"));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests));
        using var other = await (await system.AsAsync("auditor", "modest")).GetAsync(new Uri("/v1/agenda/plans?limit=1", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        using var answer = await (await system.AsAsync("auditor")).GetAsync(new Uri("/v1/agenda/plans", UriKind.Relative));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        Assert.Contains("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task The_callers_trace_goes_on_to_the_event()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var promoter = await system.AsAsync("promoter");
        promoter.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        await promoter.SendJsonAsync(HttpMethod.Post, "/v1/agenda/series", new JsonObject
        {
            ["title"] = "Reunión con traza", ["rule"] = "FREQ=MONTHLY;BYMONTHDAY=15", ["firstDay"] = "2019-01-01", ["lastDay"] = "2019-03-31",
            ["starts"] = "09:00:00", ["venue"] = "Sala",
        }).JsonAsync();
        var anyone = await system.AsAsync(null);
        await Eventually.TrueAsync(async () =>
            (await anyone.GetAsync(new Uri("/v1/agenda/published?limit=1000", UriKind.Relative)).JsonAsync())["items"]!.AsArray()
                .Any(e => e!["traceparent"]?.GetValue<string>().Contains(trace, StringComparison.Ordinal) == true), what: "The event with the trace");
    }
}
