using System.Globalization;
using System.Text.Json;
using ProyeccionSocial.Messaging.Feed;

namespace ProyeccionSocial.News;

/// <summary>A public event, as whoever keeps the news of this system has it.</summary>
/// <param name="Id">The occurrence.</param>
/// <param name="Type">As <c>budget.project.created.v1</c>.</param>
/// <param name="Subject">What it is about; of a note on an earlier event, what that was about.</param>
/// <param name="Version">Of the subject.</param>
/// <param name="HappenedAt">When it was recorded.</param>
/// <param name="Line">What is sealed: see <see cref="PublicLine"/>.</param>
public sealed record PublicEvent(Guid Id, string Type, Guid Subject, long Version, DateTimeOffset HappenedAt, string Line)
{
    private EventData? _data;

    /// <summary>What it says.</summary>
    public EventData Data => _data ??= new(JsonDocument.Parse(Line).RootElement.GetProperty("data"));

    /// <summary>The earlier event that it corrects or takes back.</summary>
    public Guid? About { get; init; }

    /// <summary>The hash that its line had, when its words were taken back.</summary>
    public byte[]? Leaf { get; init; }

    /// <summary>Whether it corrects another, and is not taken back itself.</summary>
    public bool IsCorrection => About is not null && Leaf is null && Type.EndsWith(".publication.corrected.v1", StringComparison.Ordinal);

    /// <summary>The service that said it.</summary>
    public string Source => Type[..Type.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>Whether it takes back another.</summary>
    public bool IsWithdrawal => About is not null && Type.EndsWith(".publication.withdrawn.v1", StringComparison.Ordinal);

    /// <summary>From what the feed or the broker gave.</summary>
    public static PublicEvent Read(JsonElement cloudEvent)
    {
        var (type, data) = (cloudEvent.GetProperty("type").GetString()!, cloudEvent.GetProperty("data"));
        var (isNote, subject) = (PublicLine.IsNote(type), cloudEvent.GetProperty("subject").GetGuid());
        return new(
            cloudEvent.GetProperty("id").GetGuid(), type, isNote ? data.GetProperty("about").GetGuid() : subject, data.GetProperty("version").GetInt64(),
            cloudEvent.GetProperty("time").GetDateTimeOffset(), PublicLine.Of(cloudEvent))
        {
            About = isNote ? subject : null,
            Leaf = cloudEvent.TryGetProperty(PublicLine.Withdrawn, out var leaf) ? Convert.FromHexString(leaf.GetString()!) : null,
            _data = new(data.Clone()),
        };
    }
}

/// <summary>Members of an event's data, as people read them; what is missing is empty.</summary>
/// <param name="Json">The data.</param>
public readonly record struct EventData(JsonElement Json)
{
    /// <summary>A text.</summary>
    public string Text(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>A date, as <c>31/12/2026</c>.</summary>
    public string Day(string name) => DayOf(Text(name));

    /// <summary>A local date and hour, as <c>31/12/2026 a las 14:05</c>.</summary>
    public string Moment(string name) => DateTime.TryParse(Text(name), CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at.ToString("dd/MM/yyyy 'a las' HH:mm", CultureInfo.InvariantCulture) : "";

    /// <summary>A number; 0 where there is none.</summary>
    public decimal Amount(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : 0;

    /// <summary>A number in words of this country: <c>1,234.5</c>.</summary>
    public string Number(string name) => Amount(name).ToString("#,##0.##", CultureInfo.InvariantCulture);

    /// <summary>"1 acuerdo", "2 acuerdos".</summary>
    public string Some(string name, string one, string many) => Some(Amount(name), one, many);

    /// <summary>"1 acuerdo", "2 acuerdos".</summary>
    public static string Some(decimal count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count:#,##0.##} {(count == 1 ? one : many)}");

    /// <summary>US dollars.</summary>
    public string Money(string name) => Amount(name).ToString("$#,##0.00", CultureInfo.InvariantCulture);

    /// <summary>Whether it is true.</summary>
    public bool Is(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>Whether it is there.</summary>
    public bool Has(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)] : [];

    /// <summary>A list of numbers.</summary>
    public IReadOnlyList<decimal> Numbers(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.Number).Select(v => v.GetDecimal())] : [];

    /// <summary>A date as people here write it.</summary>
    public static string DayOf(string date) => DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture) : "";

    /// <summary>A part.</summary>
    public EventData Part(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? new(value) : new(Empty);

    /// <summary>A list of parts.</summary>
    public IReadOnlyList<EventData> Parts(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => new EventData(v))] : [];

    /// <summary>"Acuerdo No. 15 del Acta No. 16, 24/05/2006".</summary>
    public string Agreement(string name) => Has(name) && Part(name) is var a ? $"Acuerdo No. {a.Number("agreementNumber")} del Acta No. {a.Number("minutesNumber")}, {a.Day("date")}" : "";

    /// <summary>The place with those that contain it, or the venue.</summary>
    public string Path => Part("place").Text("path") is { Length: > 0 } path ? path : Text("placePath") is { Length: > 0 } of ? of : Text("venue");

    /// <summary>By which the place is known, however its path is written; null where it is only words.</summary>
    public Guid? PlaceId => Guid.TryParse(Part("place").Text("id"), out var id) ? id : null;

    private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement;
}
