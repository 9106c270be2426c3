using System.Buffers;
using System.Text.Json;

namespace ProyeccionSocial.Messaging.Outbox;

/// <summary>
/// CloudEvents 1.0 in JSON, structured mode. Written by hand because the body is already JSON and is copied as it
/// is; a library would read it only to write it again.
/// </summary>
internal static class CloudEvent
{
    public const string ContentType = "application/cloudevents+json";

    public static ReadOnlyMemory<byte> Write(
        string service, Guid id, string type, Guid subject, DateTimeOffset time, string? traceparent, ReadOnlySpan<byte> body)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Length + 400);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("specversion"u8, "1.0"u8);
            json.WriteString("id"u8, id);
            json.WriteString("source"u8, $"/v1/{service}");
            json.WriteString("type"u8, type);
            json.WriteString("subject"u8, subject);
            json.WriteString("time"u8, time.UtcDateTime);
            if (traceparent is not null)
                json.WriteString("traceparent"u8, traceparent);
            json.WriteString("datacontenttype"u8, "application/json"u8);
            json.WritePropertyName("data"u8);
            json.WriteRawValue(body, skipInputValidation: true);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
