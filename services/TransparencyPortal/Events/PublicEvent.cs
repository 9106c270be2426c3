using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>A public event as the portal keeps it.</summary>
/// <param name="Id">The occurrence.</param>
/// <param name="Type">As <c>budget.project.created.v1</c>.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Version">Of the subject.</param>
/// <param name="HappenedAt">When it was recorded.</param>
/// <param name="Line">Itself as one line of JSON: a CloudEvent with its members in this order and nothing between them. What is sealed.</param>
internal sealed record PublicEvent(Guid Id, string Type, Guid Subject, long Version, DateTimeOffset HappenedAt, string Line)
{
    /// <summary>The day in El Salvador.</summary>
    public DateOnly Day => HappenedAt.LocalDate();

    /// <summary>What it says.</summary>
    public EventData Data => new(JsonDocument.Parse(Line).RootElement.GetProperty("data"));

    public static PublicEvent Read(JsonElement cloudEvent)
    {
        var (id, type, subject, data) = (cloudEvent.GetProperty("id").GetGuid(), cloudEvent.GetProperty("type").GetString()!, cloudEvent.GetProperty("subject").GetGuid(), cloudEvent.GetProperty("data"));
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) // Never inside a page: readable as it stands.
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", id);
            json.WriteString("source", cloudEvent.GetProperty("source").GetString());
            json.WriteString("type", type);
            json.WriteString("subject", subject);
            json.WriteString("time", cloudEvent.GetProperty("time").GetString());
            json.WritePropertyName("data");
            data.WriteTo(json);
            json.WriteEndObject();
        }
        return new(id, type, subject, data.GetProperty("version").GetInt64(), cloudEvent.GetProperty("time").GetDateTimeOffset(), Encoding.UTF8.GetString(buffer.WrittenSpan));
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
