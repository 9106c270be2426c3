using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Xml.Linq;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Messaging;

namespace ProyeccionSocial.TransparencyPortal.Developers;

/// <summary>
/// The contract of the public stream, made from the records and their documentation comments: a JSON Schema for the data of each
/// event, and an AsyncAPI 3 document around them. What is in code is what is promised; there is nothing to keep beside it.
/// </summary>
internal static class PublicContract
{
    /// <summary>The public events by their types.</summary>
    public static IReadOnlyDictionary<string, Type> Types { get; } = typeof(DomainEvent).Assembly.GetTypes()
        .Select(t => (Name: EventJson.PublicTypeOf(t), Type: t)).Where(t => t.Name is not null).OrderBy(t => t.Name, StringComparer.Ordinal).ToDictionary(t => t.Name!, t => t.Type);

    private static readonly Lazy<Dictionary<string, string>> Documentation = new(ReadDocumentation);
    private static readonly Lazy<JsonObject> Whole = new(Make);

    /// <summary>The AsyncAPI document.</summary>
    public static JsonObject AsyncApi => (JsonObject)Whole.Value.DeepClone();

    /// <summary>JSON Schema (2020-12) of a whole event of this type.</summary>
    public static JsonObject SchemaOf(string type) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["$id"] = $"/v1/transparency/schemas/{type}", ["title"] = type, ["allOf"] = new JsonArray(Envelope(), new JsonObject
        {
            ["type"] = "object", ["properties"] = new JsonObject { ["type"] = new JsonObject { ["const"] = type }, ["source"] = new JsonObject { ["const"] = $"/v1/{type.Split('.')[0]}" } },
            // Without its words there is only the version.
            ["if"] = new JsonObject { ["not"] = new JsonObject { ["required"] = new JsonArray("withdrawn") } }, ["then"] = new JsonObject { ["properties"] = new JsonObject { ["data"] = DataOf(Types[type]) } },
        }),
    };

    private static JsonObject Make()
    {
        var (messages, channel, schemas) = (new JsonObject(), new JsonObject(), new JsonObject());
        foreach (var (type, record) in Types)
        {
            schemas[type] = DataOf(record);
            messages[type] = new JsonObject
            {
                ["name"] = type, ["title"] = type, ["summary"] = SummaryOf(record), ["contentType"] = "application/cloudevents+json",
                ["payload"] = new JsonObject { ["allOf"] = new JsonArray(Ref("schemas/cloudEvent"), new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["type"] = new JsonObject { ["const"] = type }, ["data"] = Ref($"schemas/{type}") } }) },
            };
            channel[type] = Ref($"messages/{type}");
        }
        schemas["cloudEvent"] = Envelope();
        return new()
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Proyección Social: public events", ["version"] = "1.0.0", ["license"] = new JsonObject { ["name"] = "CC BY 4.0 (the events)", ["url"] = "https://creativecommons.org/licenses/by/4.0/" },
                ["description"] = "What happens to associations, committees, meetings, plans, budgets, projects and agricultural packages, for other systems. Each message is one CloudEvent 1.0 in JSON, structured mode; none carries personal data. "
                    + "Delivery is at least once: the same event has the same id. Events of one subject come in order of data.version. What was missed is read over HTTP: GET /v1/{service}/published?after={position}. "
                    + "Schemas only grow: a property may appear, and none is renamed, retyped or removed; another meaning is a new type that ends in .v2. An event with the attribute withdrawn was taken back: its data has only its version.",
            },
            ["defaultContentType"] = "application/cloudevents+json",
            ["servers"] = new JsonObject
            {
                ["broker"] = new JsonObject
                {
                    ["host"] = "{host}:{port}", ["protocol"] = "amqp", ["protocolVersion"] = "0.9.1", ["description"] = "RabbitMQ, default virtual host. Host, port, user and password come with the credentials.",
                    ["variables"] = new JsonObject { ["host"] = new JsonObject { ["default"] = "127.0.0.1" }, ["port"] = new JsonObject { ["default"] = "5672" } }, ["security"] = new JsonArray(Ref("securitySchemes/subscriber")),
                },
            },
            ["channels"] = new JsonObject
            {
                ["queue"] = new JsonObject
                {
                    ["address"] = "subscriber.{name}", ["title"] = "A subscriber's own queue", ["servers"] = new JsonArray(new JsonObject { ["$ref"] = "#/servers/broker" }),
                    ["description"] = "It is there and bound to the topic exchange proyeccion-social.public; the routing key is the event's type. The credentials may read it, and declare, bind and publish nothing.",
                    ["parameters"] = new JsonObject { ["name"] = new JsonObject { ["description"] = "The subscriber's name: lower-case letters, digits and hyphens." } }, ["messages"] = channel,
                    ["bindings"] = new JsonObject { ["amqp"] = new JsonObject { ["is"] = "queue", ["queue"] = new JsonObject { ["name"] = "subscriber.{name}", ["durable"] = true, ["exclusive"] = false, ["autoDelete"] = false } } },
                },
            },
            ["operations"] = new JsonObject
            {
                ["receiveEvents"] = new JsonObject { ["action"] = "receive", ["channel"] = new JsonObject { ["$ref"] = "#/channels/queue" }, ["summary"] = "Consume and acknowledge once the effect is committed.", ["bindings"] = new JsonObject { ["amqp"] = new JsonObject { ["ack"] = true } } },
            },
            ["components"] = new JsonObject { ["securitySchemes"] = new JsonObject { ["subscriber"] = new JsonObject { ["type"] = "userPassword", ["description"] = "Given by the operator, for one queue." } }, ["messages"] = messages, ["schemas"] = schemas },
        };
    }

    private static JsonObject Ref(string component) => new() { ["$ref"] = $"#/components/{component}" };

    private static JsonObject Envelope() => new()
    {
        ["type"] = "object", ["required"] = new JsonArray("specversion", "id", "source", "type", "subject", "time", "data"),
        ["properties"] = new JsonObject
        {
            ["specversion"] = new JsonObject { ["const"] = "1.0" },
            ["id"] = new JsonObject { ["type"] = "string", ["format"] = "uuid", ["description"] = "The occurrence; the same in every redelivery, replay and feed." },
            ["source"] = new JsonObject { ["type"] = "string", ["description"] = "/v1/{service}." },
            ["type"] = new JsonObject { ["type"] = "string", ["description"] = "service.aggregate.event.v1; also the routing key." },
            ["subject"] = new JsonObject { ["type"] = "string", ["format"] = "uuid", ["description"] = "What it happened to." },
            ["time"] = new JsonObject { ["type"] = "string", ["format"] = "date-time", ["description"] = "When it was recorded, in UTC." },
            ["datacontenttype"] = new JsonObject { ["const"] = "application/json" },
            ["traceparent"] = new JsonObject { ["type"] = "string", ["description"] = "The trace of the request that caused it (W3C)." },
            ["withdrawn"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9a-f]{64}$", ["description"] = "In the feed: its words were taken back; this is the SHA-256 leaf that the sealed history has of them." },
            ["data"] = new JsonObject { ["type"] = "object", ["required"] = new JsonArray("version"), ["properties"] = new JsonObject { ["version"] = new JsonObject { ["type"] = "integer" } } },
        },
    };

    private static JsonObject DataOf(Type record)
    {
        var schema = (JsonObject)EventJson.Options.GetJsonSchemaAsNode(record, new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                if (node is JsonObject described)
                    Describe(context, described);
                return node;
            },
        });
        schema["description"] = SummaryOf(record);
        // Always there, though no caller has to give them.
        var required = schema["required"]?.AsArray() ?? [];
        foreach (var always in new[] { "eventId", "version", "occurredAt" })
        {
            if (!required.Any(r => r!.GetValue<string>() == always))
                required.Add(always);
        }
        schema["required"] = new JsonArray([.. required.Select(r => r!.GetValue<string>()).Order(StringComparer.Ordinal).Select(r => (JsonNode)r)]);
        return schema;
    }

    private static void Describe(JsonSchemaExporterContext context, JsonObject node)
    {
        // Absent values are left out, never null; and numbers are numbers.
        if (node["type"] is JsonArray types && types.Count == 2)
        {
            var one = types.Select(t => t!.GetValue<string>()).Where(t => t is not "null").ToList();
            if (one is ["string", "number"] or ["string", "integer"])
                one.RemoveAt(0);
            if (one.Count == 1)
                node["type"] = one[0];
        }
        if (node["type"] is JsonArray more && more.Any(t => t!.GetValue<string>() == "null"))
            node["type"] = more.Select(t => t!.GetValue<string>()).First(t => t is "number" or "integer");
        node.Remove("pattern"); // Of numbers in texts, which are not written.
        if (context.TypeInfo.Type == typeof(DateTime) || context.TypeInfo.Type == typeof(DateTime?))
            node["format"] = "local-date-time"; // Without a zone: the country's hour.
        if (context.TypeInfo.Type == typeof(TimeOnly) || context.TypeInfo.Type == typeof(TimeOnly?))
            node["format"] = "local-time";
        if (context.PropertyInfo is { } property && Words(property.DeclaringType, property.Name) is { } words)
            node["description"] = words;
    }

    private static string SummaryOf(Type type) => Documentation.Value.GetValueOrDefault($"T:{type.FullName}") ?? (type.BaseType is { } above && above != typeof(object) ? SummaryOf(above) : "");

    // A property of a record's own, or one of its parameters.
    private static string? Words(Type declaring, string json)
    {
        for (var type = declaring; type is not null && type != typeof(object); type = type.BaseType)
        {
            var name = type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).FirstOrDefault(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name) == json)?.Name;
            if (name is not null && (Documentation.Value.GetValueOrDefault($"P:{type.FullName}.{name}") ?? Documentation.Value.GetValueOrDefault($"T:{type.FullName}#{name}")) is { } words)
                return words;
        }
        return null;
    }

    private static Dictionary<string, string> ReadDocumentation()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var file = Path.ChangeExtension(typeof(DomainEvent).Assembly.Location, ".xml");
        foreach (var member in XDocument.Load(file).Descendants("member"))
        {
            var name = member.Attribute("name")!.Value;
            if (member.Element("summary") is { } summary)
                found[name] = TextOf(summary);
            foreach (var parameter in member.Elements("param"))
                found[$"{name}#{parameter.Attribute("name")!.Value}"] = TextOf(parameter);
        }
        return found;
    }

    private static string TextOf(XElement element) => string.Join(' ', string.Concat(element.Nodes().Select(n => n switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "paramref" } see => (see.Attribute("cref") ?? see.Attribute("langword") ?? see.Attribute("name"))!.Value.Split(':', '.')[^1],
        XElement other => TextOf(other),
        _ => "",
    })).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
