// Follows the public events: reads the feeds to their end, then takes its own queue. What it knows is the newest word on each
// subject, in one file that is whole at every moment.
//
//   dotnet run -- http://localhost:8080 known.json amqp://subscriber.tesoreria:…@127.0.0.1:25672
//
// Without the last argument it reads the feeds alone, and ends. It knows nothing of this system but docs/subscribe.md.
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

if (args is not [var gateway, var file, ..])
{
    Console.Error.WriteLine("subscriber GATEWAY FILE [AMQP_ADDRESS]");
    return 2;
}
string[] services = ["organizations", "agenda", "budget", "distribution"];
using var http = new HttpClient { BaseAddress = new Uri(gateway) };
var known = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))! : new JsonObject { ["positions"] = new JsonObject(), ["subjects"] = new JsonObject() };

foreach (var service in services)
    await CatchUpAsync(service);
Console.WriteLine("caught up");
if (args is not [_, _, var broker])
    return 0;

var factory = new ConnectionFactory { Uri = new Uri(broker), AutomaticRecoveryEnabled = false };
await using var connection = await factory.CreateConnectionAsync();
await using var channel = await connection.CreateChannelAsync();
await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: 50, global: false);
var messages = Channel.CreateUnbounded<(ulong Tag, byte[] Body)>(); // No more than the prefetch.
var consumer = new AsyncEventingBasicConsumer(channel);
consumer.ReceivedAsync += (_, message) =>
{
    messages.Writer.TryWrite((message.DeliveryTag, message.Body.ToArray()));
    return Task.CompletedTask;
};
channel.ChannelShutdownAsync += (_, _) =>
{
    messages.Writer.TryComplete();
    return Task.CompletedTask;
};
await channel.BasicConsumeAsync(factory.UserName, autoAck: false, consumer); // The user's name is the queue's.
var (next, night) = (messages.Reader.WaitToReadAsync().AsTask(), Task.Delay(TimeSpan.FromDays(1)));
while (true)
{
    if (await Task.WhenAny(next, night) == night)
    {
        // The queue cannot say that it dropped something while this was away, nor that it is silent: the feed is read again each night.
        foreach (var service in services)
            await CatchUpAsync(service);
        night = Task.Delay(TimeSpan.FromDays(1));
        continue;
    }
    if (!await next)
        break;
    while (messages.Reader.TryRead(out var message))
    {
        // One at a time, and acknowledged once it is on the disk. What is no event is kept aside for a person: it would come again for ever.
        try
        {
            Apply(JsonNode.Parse(message.Body)!);
            Save();
        }
        catch (Exception unreadable) when (unreadable is JsonException or NullReferenceException or InvalidOperationException or FormatException)
        {
            File.AppendAllText(file + ".refused", Convert.ToBase64String(message.Body) + "\n");
            Console.Error.WriteLine($"kept aside: {unreadable.Message}");
        }
        await channel.BasicAckAsync(message.Tag, multiple: false);
    }
    next = messages.Reader.WaitToReadAsync().AsTask();
}
Console.Error.WriteLine("the connection ended"); // Whoever runs this starts it again, and it catches up.
return 1;

async Task CatchUpAsync(string service)
{
    for (var after = known["positions"]![service]?.GetValue<long>() ?? 0; ;)
    {
        using var answer = await http.GetAsync(new Uri($"/v1/{service}/published?after={after}&limit=1000", UriKind.Relative));
        if (answer.StatusCode == HttpStatusCode.TooManyRequests || (int)answer.StatusCode >= 500) // Too fast, or away: later.
        {
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
            continue;
        }
        var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        if (page["items"]!.AsArray() is not { Count: > 0 } items)
            return;
        foreach (var item in items)
            Apply(item!);
        known["positions"]![service] = after = page["next"]!.GetValue<long>();
        Save();
    }
}

void Apply(JsonNode told)
{
    var (type, data, subjects) = (told["type"]!.GetValue<string>(), told["data"]!, known["subjects"]!.AsObject());
    if (type.Split('.')[1] == "publication")
    {
        // Something said earlier is taken back: its words go. What remains is that there was something.
        if (type.Contains("withdrawn", StringComparison.Ordinal) && subjects[data["about"]!.GetValue<string>()] is { } about && about["id"]!.GetValue<string>() == data["publicationId"]!.GetValue<string>())
            about.AsObject().Remove("data");
        return;
    }
    // The same again, or something older that comes late, changes nothing.
    var (subject, version) = (told["subject"]!.GetValue<string>(), data["version"]!.GetValue<long>());
    if (subjects[subject]?["version"]?.GetValue<long>() >= version)
        return;
    var kept = new JsonObject { ["id"] = told["id"]!.GetValue<string>(), ["type"] = type, ["version"] = version };
    if (told["withdrawn"] is null)
        kept["data"] = data.DeepClone();
    subjects[subject] = kept;
    Console.WriteLine($"{type} {subject} {version}");
}

// To another name first: a crash in the middle leaves the file of before.
void Save()
{
    File.WriteAllText(file + ".new", known.ToJsonString(JsonSerializerOptions.Web));
    File.Move(file + ".new", file, overwrite: true);
}
