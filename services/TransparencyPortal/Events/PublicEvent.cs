using System.Globalization;
using System.Text.Json;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>A public event as the portal keeps it.</summary>
/// <param name="Id">The occurrence.</param>
/// <param name="Type">As <c>budget.project.created.v1</c>.</param>
/// <param name="Subject">What it is about; of a note on an earlier event, what that was about.</param>
/// <param name="Version">Of the subject.</param>
/// <param name="HappenedAt">When it was recorded.</param>
/// <param name="Line">What is sealed: see <see cref="PublicLine"/>.</param>
internal sealed record PublicEvent(Guid Id, string Type, Guid Subject, long Version, DateTimeOffset HappenedAt, string Line)
{
    private EventData? _data;

    /// <summary>The day in El Salvador.</summary>
    public DateOnly Day => HappenedAt.LocalDate();

    /// <summary>What it says.</summary>
    public EventData Data => _data ??= new(JsonDocument.Parse(Line).RootElement.GetProperty("data"));

    /// <summary>The earlier event that it corrects or takes back.</summary>
    public Guid? About { get; init; }

    /// <summary>The hash that its line had, when its words were taken back.</summary>
    public byte[]? Leaf { get; init; }

    /// <summary>The service that said it.</summary>
    public string Source => Type[..Type.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>Whether it takes back another.</summary>
    public bool IsWithdrawal => About is not null && Type.EndsWith(".publication.withdrawn.v1", StringComparison.Ordinal);

    /// <summary>From what the feed or the broker gave.</summary>
    public static PublicEvent Read(JsonElement cloudEvent)
    {
        var (type, data) = (cloudEvent.GetProperty("type").GetString()!, cloudEvent.GetProperty("data"));
        var isNote = type.Split('.') is [_, "publication", ..] && data.TryGetProperty("about", out _);
        return new(
            cloudEvent.GetProperty("id").GetGuid(), type, isNote ? data.GetProperty("about").GetGuid() : cloudEvent.GetProperty("subject").GetGuid(), data.GetProperty("version").GetInt64(),
            cloudEvent.GetProperty("time").GetDateTimeOffset(), PublicLine.Of(cloudEvent))
        {
            About = isNote ? data.GetProperty("publicationId").GetGuid() : null,
            Leaf = cloudEvent.TryGetProperty(PublicLine.Withdrawn, out var leaf) ? Convert.FromHexString(leaf.GetString()!) : null,
            _data = new(data.Clone()),
        };
    }
}

/// <summary>Members of an event's data, as people read them; what is missing is empty.</summary>
internal readonly record struct EventData(JsonElement Json)
{
    public string Text(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public string Day(string name) => DateOnly.TryParseExact(Text(name), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day.Day() : "";

    public string Moment(string name) => DateTime.TryParse(Text(name), CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at.DayAndHour() : "";

    public decimal Amount(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : 0;

    public string Number(string name) => Amount(name).ToString("#,##0.##", CultureInfo.InvariantCulture);

    /// <summary>"1 acuerdo", "2 acuerdos".</summary>
    public string Some(string name, string one, string many) => Some(Amount(name), one, many);

    public static string Some(decimal count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count:#,##0.##} {(count == 1 ? one : many)}");

    public string Money(string name) => Amount(name).ToString("$#,##0.00", CultureInfo.InvariantCulture);

    public bool Is(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    public bool Has(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public EventData Part(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? new(value) : new(Empty);

    public IReadOnlyList<EventData> Parts(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => new EventData(v))] : [];

    /// <summary>"Acuerdo No. 15 del Acta No. 16, 24/05/2006".</summary>
    public string Agreement(string name) => Has(name) && Part(name) is var a ? $"Acuerdo No. {a.Number("agreementNumber")} del Acta No. {a.Number("minutesNumber")}, {a.Day("date")}" : "";

    public string Path => Part("place").Text("path") is { Length: > 0 } path ? path : Text("venue");

    /// <summary>By which the place is known, however its path is written; null where it is only words.</summary>
    public Guid? PlaceId => Guid.TryParse(Part("place").Text("id"), out var id) ? id : null;

    private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement;
}
