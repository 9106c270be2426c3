using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>A subscriber in another language, with nothing but its address and the documents.</summary>
[Collection("system")]
public sealed partial class SubscriberTests(RunningSystem system)
{
    [Fact]
    public async Task A_Node_client_reads_CloudEvents_from_its_own_queue_and_nothing_else()
    {
        var own = await AddAsync("tesoreria");
        var other = await AddAsync("vecino");

        var promoter = await system.AsAsync("promoter");
        await promoter.SendJsonAsync(HttpMethod.Post, "/v1/agenda/series", new JsonObject
        {
            ["title"] = "Reunión para suscriptores", ["rule"] = "FREQ=MONTHLY;BYDAY=1TH", ["firstDay"] = "2017-01-01", ["lastDay"] = "2017-12-31",
            ["starts"] = "09:00:00", ["venue"] = "Sala del concejo",
        }).JsonAsync();

        var report = JsonNode.Parse(await Node.RunAsync("tests/System.Tests/subscriber", ["subscriber.mjs", own.Url, own.Queue, other.Queue, "agenda.series.scheduled.v1"]))!;

        var received = report["event"]!;
        Assert.Equal("1.0", received.Text("specversion"));
        Assert.Equal("/v1/agenda", received.Text("source"));
        Assert.Equal("agenda.series.scheduled.v1", received.Text("type"));
        Assert.Equal(received["data"]!.Text("seriesId"), received.Text("subject"));
        Assert.Equal(["2017-08-03", "2017-11-02"], received["data"]!["holidayCollisions"]!.AsArray().Select(d => d!.GetValue<string>()));
        Assert.Equal("application/cloudevents+json", report.Text("contentType"));

        // What its credentials do not open: another's queue, the internal exchanges, publishing, declaring.
        Assert.All(report["refused"]!.AsObject(), attempt => Assert.Contains("ACCESS_REFUSED", attempt.Value!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal(["bindInternal", "declareQueue", "publish", "readOther"], report["refused"]!.AsObject().Select(a => a.Key).Order());
    }

    [Fact]
    public async Task No_public_event_carries_a_DUI_a_telephone_number_or_a_name()
    {
        var anyone = await system.AsAsync(null);
        foreach (var service in new[] { "organizations", "agenda", "budget", "distribution" })
        {
            var text = await anyone.GetStringAsync(new Uri($"/v1/{service}/published?limit=1000", UriKind.Relative));
            Assert.DoesNotMatch(PersonalNumber(), Regex.Replace(text, "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", ""));
            Assert.DoesNotContain("personName", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Inventada", text, StringComparison.Ordinal);
        }
    }

    private async Task<(string Url, string Queue)> AddAsync(string name)
    {
        var printed = await system.VerbAsync("subscriber", "--name", name);
        return (AmqpUrl().Match(printed).Value, $"subscriber.{name}");
    }

    [GeneratedRegex(@"amqp://\S+")]
    private static partial Regex AmqpUrl();

    [GeneratedRegex(@"(?<![\d.])(\d{8}-\d|(?!20\d\d-)[267]\d{3}-\d{4})(?!\d)")]
    private static partial Regex PersonalNumber();
}
