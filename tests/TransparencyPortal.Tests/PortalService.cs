using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Testing;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.Tests;

/// <summary>The services' public feeds, over HTTP as the services give them.</summary>
public sealed class Feeds : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, List<JsonNode>> _told = new();
    private readonly WebApplication _host;

    public Feeds()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _host = builder.Build();
        _host.MapGet("/v1/{source}/published", (string source, long after, int limit) =>
        {
            if (IsAway)
                return Results.StatusCode(503);
            // Positions grow, and some numbers are missing.
            var items = Of(source).Select((e, i) => (Event: e, Position: 3L * (i + 1))).Where(e => e.Position > after).Take(limit).ToList();
            return Results.Text(new JsonObject { ["items"] = new JsonArray([.. items.Select(i => i.Event.DeepClone())]), ["next"] = items.Count == 0 ? after : items[^1].Position }.ToJsonString(), "application/json");
        });
    }

    /// <summary>Whether every service is down.</summary>
    public bool IsAway { get; set; }

    private List<JsonNode> Of(string source) => _told.GetOrAdd(source, _ => []);

    public int Count(string source) => Of(source).Count;

    /// <summary>Publishes an event, as of some moment.</summary>
    public void Tell(DomainEvent told, string at)
    {
        var cloudEvent = CloudEvent(told, at);
        Of(cloudEvent["type"]!.GetValue<string>().Split('.')[0]).Add(cloudEvent);
    }

    /// <summary>Publishes planned meetings, one a second of a day.</summary>
    public void Happen(int meetings, DateOnly day)
    {
        for (var i = 0; i < meetings; i++)
        {
            Tell(new MeetingPlanned
            {
                MeetingId = Guid.CreateVersion7(), Kind = "ordinary-assembly", Title = $"Reunión {i}", BodyId = Guid.CreateVersion7(), BodyName = "ADESCO", StartsAt = new(2027, 7, 1, 14, 0, 0), Venue = "Casa comunal", Version = 1,
            }, day.ToDateTime(new(15, 0)).AddSeconds(i).ToString("s", CultureInfo.InvariantCulture) + "Z");
        }
    }

    /// <summary>Where everything of these tests lies.</summary>
    public static PlaceRef Place { get; } = new(Guid.CreateVersion7(), "hamlet", "El Ensayo", "El Ensayo, Las Lomas, San Prueba");

    /// <summary>A project that has just begun.</summary>
    public static ProjectCreated Created(string name) => new() { ProjectId = Guid.CreateVersion7(), Name = name, Place = Place, CycleId = Guid.CreateVersion7(), Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 };

    /// <summary>Takes the words out of what was published, as the service does that took them back.</summary>
    public void Empty(DomainEvent told)
    {
        var of = Of(EventJson.PublicTypeOf(told.GetType())!.Split('.')[0]);
        var at = of.FindIndex(e => e["id"]!.GetValue<Guid>() == told.EventId);
        var emptied = of[at].DeepClone();
        var said = JsonDocument.Parse(of[at].ToJsonString()).RootElement;
        emptied["withdrawn"] = Convert.ToHexStringLower(PublicLine.LeafOf(PublicLine.Of(said)));
        emptied["data"] = JsonNode.Parse(PublicLine.EmptiedData(said));
        of[at] = emptied;
    }

    /// <summary>An event as it goes out.</summary>
    public static JsonObject CloudEvent(DomainEvent told, string at)
    {
        var type = EventJson.PublicTypeOf(told.GetType())!;
        var data = JsonSerializer.SerializeToNode(told, told.GetType(), EventJson.Options)!;
        return new()
        {
            ["specversion"] = "1.0", ["id"] = told.EventId, ["source"] = $"/v1/{type.Split('.')[0]}", ["type"] = type, ["subject"] = told.SubjectId,
            ["time"] = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture).UtcDateTime.ToString("O"), ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ["data"] = data,
        };
    }

    public async ValueTask InitializeAsync()
    {
        await _host.StartAsync();
        foreach (var source in FeedClient.Sources)
            Environment.SetEnvironmentVariable($"services__{source}__http__0", _host.Urls.First());
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();
}

/// <summary>The portal on its own database, with nothing but the feeds.</summary>
public sealed class PortalService : ServiceUnderTest<Program>
{
    public PortalService()
        : base("transparency")
    {
    }

    public static async Task<PortalService> StartAsync()
    {
        var portal = new PortalService();
        await portal.InitializeAsync();
        return portal;
    }

    protected override async Task<Dictionary<string, string>> SettingsAsync()
    {
        var (user, password) = await AddSubscriberAsync();
        var broker = new Uri(Broker);
        return new() { ["PublicStream:Broker"] = $"tcp://{broker.Host}:{broker.Port}{broker.AbsolutePath}", ["PublicStream:User"] = user, ["PublicStream:Queue"] = user, ["PublicStream:Password"] = password };
    }

    /// <summary>How many watch a page, or the stream.</summary>
    public int Watchers => Services.GetRequiredService<FreshNews>().Watchers;

    /// <summary>The broker brings what the feed does not have yet.</summary>
    public Task BringAsync(JsonNode cloudEvent) => PublishAsync(cloudEvent["type"]!.GetValue<string>(), System.Text.Encoding.UTF8.GetBytes(cloudEvent.ToJsonString()));

    /// <summary>Waits until everything that was published is kept.</summary>
    public Task CaughtUpAsync(Feeds feeds) => Eventually.TrueAsync(async () =>
    {
        var kept = await RowsAsync("SELECT source || ' ' || number FROM feed ORDER BY source");
        return FeedClient.Sources.All(s => feeds.Count(s) == 0 || kept.Contains($"{s} {feeds.Count(s)}"));
    }, 30, "The feeds");

    /// <summary>Checks a copy of a service's history against the seals.</summary>
    public async Task<JsonNode> VerifyAsync(string source, string copy)
    {
        using var client = As(null);
        return await client.PostAsync(new Uri($"/v1/transparency/history/{source}/verifications", UriKind.Relative), new StringContent(copy, System.Text.Encoding.UTF8, "application/x-ndjson")).JsonAsync();
    }

    public async Task<string> PageAsync(string path)
    {
        using var client = As(null);
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }
}
