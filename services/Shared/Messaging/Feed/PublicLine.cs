using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProyeccionSocial.Messaging.Feed;

/// <summary>
/// A public event as one line of text, the same whoever writes it: what the sealed history hashes. The members of the
/// CloudEvent in this order, <c>specversion</c>, <c>id</c>, <c>source</c>, <c>type</c>, <c>subject</c>, <c>time</c>,
/// <c>withdrawn</c> (only where its words were taken back) and <c>data</c>, with nothing between them.
/// </summary>
public static class PublicLine
{
    /// <summary>The attribute of an event whose words were taken back: in hexadecimal, the leaf that its line had.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>The line of a CloudEvent as the feed and the broker give it.</summary>
    public static string Of(JsonElement cloudEvent) => Of(cloudEvent, cloudEvent.TryGetProperty(Withdrawn, out var leaf) ? leaf.GetString() : null, json => cloudEvent.GetProperty("data").WriteTo(json));

    /// <summary>What is left of an event whose words were taken back: that it was, and the hash of what it said.</summary>
    /// <param name="cloudEvent">As it was.</param>
    /// <param name="leaf">Of its line.</param>
    public static string Emptied(JsonElement cloudEvent, byte[] leaf) => Of(cloudEvent, Convert.ToHexStringLower(leaf), json => json.WriteRawValue(EmptiedData(cloudEvent)));

    /// <summary>The data of such an event: its version and, of a note on an earlier event, what that was about.</summary>
    /// <param name="cloudEvent">As it was.</param>
    public static string EmptiedData(JsonElement cloudEvent)
    {
        var data = cloudEvent.GetProperty("data");
        var version = data.GetProperty("version").GetInt64();
        return IsNote(cloudEvent.GetProperty("type").GetString()!) ? $$"""{"version":{{version}},"about":"{{data.GetProperty("about").GetGuid()}}"}""" : $$"""{"version":{{version}}}""";
    }

    /// <summary>Whether events of a type say something of an earlier one: that it was wrong in something, or that it was taken back.</summary>
    /// <param name="type">As <c>budget.publication.corrected.v1</c>.</param>
    public static bool IsNote(string type) => type.Split('.') is [_, "publication", ..];

    /// <summary>The leaf of a line in its block's tree: SHA-256 of a zero byte and the line in UTF-8 (RFC 6962).</summary>
    public static byte[] LeafOf(string line) => SHA256.HashData([0, .. Encoding.UTF8.GetBytes(line)]);

    private static string Of(JsonElement cloudEvent, string? withdrawn, Action<Utf8JsonWriter> writeData)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) // Never inside a page: readable as it stands.
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", cloudEvent.GetProperty("id").GetGuid());
            json.WriteString("source", cloudEvent.GetProperty("source").GetString());
            json.WriteString("type", cloudEvent.GetProperty("type").GetString());
            json.WriteString("subject", cloudEvent.GetProperty("subject").GetGuid());
            json.WriteString("time", cloudEvent.GetProperty("time").GetString());
            if (withdrawn is not null)
                json.WriteString(Withdrawn, withdrawn);
            json.WritePropertyName("data");
            writeData(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
