using System.Text.Json;
using ProyeccionSocial.Benchmarks;

// Started by portal.page, as the page that it is measured against.
if (Environment.GetEnvironmentVariable("EMPTY_PAGE") is { } size)
{
    await PortalPage.ServeEmptyAsync(int.Parse(size, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

// Prints one JSON line: the ratio to a yardstick measured in the same run is the result, the rest is what it is made of.
var benchmarks = new Dictionary<string, Func<Task<Measured>>>(StringComparer.Ordinal)
{
    ["messaging.drain"] = Drain.RunAsync,
    ["messaging.latency"] = Latency.RunAsync,
    ["messaging.inbox"] = InboxRate.RunAsync,
    ["gateway"] = GatewayRate.RunAsync,
    ["startup"] = Startup.RunAsync,
    ["associations.list"] = AssociationsList.RunAsync,
    ["members.import"] = MembersImport.RunAsync,
    ["import"] = RosterImport.RunAsync,
    ["delivery"] = DeliveryRate.RunAsync,
    ["delivery.scale"] = DeliveryScale.RunAsync,
    ["offline"] = OfflineUpload.RunAsync,
    ["agenda.feed"] = AgendaFeed.RunAsync,
    ["agenda.plan"] = AgendaPlan.RunAsync,
    ["ballot"] = BallotRate.RunAsync,
    ["portal.page"] = PortalPage.RunAsync,
    ["portal.rebuild"] = PortalRebuild.RunAsync,
    ["portal.latency"] = PortalLatency.RunAsync,
    ["tally"] = TallyTime.RunAsync,
};
if (args is not [var name] || !benchmarks.TryGetValue(name, out var benchmark))
{
    Console.Error.WriteLine($"One of: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}
var measured = await benchmark();
var line = new Dictionary<string, object> { ["name"] = name, ["ratio"] = Math.Round(measured.Ratio, 3) };
foreach (var (part, value) in measured.Parts)
    line[part] = Math.Round(value, 3);
Console.WriteLine(JsonSerializer.Serialize(line));
return 0;
