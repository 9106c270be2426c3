using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Testing;
using ProyeccionSocial.TransparencyPortal.Developers;

namespace ProyeccionSocial.TransparencyPortal.Tests;

/// <summary>The contract of the public stream: what was released holds, it is what its specification says, and events are what it says.</summary>
public sealed class ContractTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// <c>docs/asyncapi.json</c> is the last release. Whoever adds an event or a property releases it with <c>RELEASE=1</c>; what would
    /// break a subscriber is refused all the same.
    /// </summary>
    [Fact]
    public void What_was_released_holds_and_what_is_new_is_released()
    {
        var file = Path.Combine(Repository.Root, "docs", "asyncapi.json");
        var now = PublicContract.AsyncApi;
        var released = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))! : new JsonObject { ["components"] = new JsonObject { ["messages"] = new JsonObject(), ["schemas"] = new JsonObject() } };
        Assert.Empty(Breaks(released, now));
        if (Environment.GetEnvironmentVariable("RELEASE") == "1")
            File.WriteAllText(file, now.ToJsonString(Readable) + "\n");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(file)), now), "docs/asyncapi.json is not what the code says: run this test with RELEASE=1.");
    }

    [Fact]
    public void A_change_that_would_break_a_subscriber_is_found()
    {
        const string Type = "budget.project.created.v1";
        string[] With(Action<JsonObject> change)
        {
            var changed = PublicContract.AsyncApi;
            change(changed["components"]!.AsObject());
            return [.. Breaks(PublicContract.AsyncApi, changed)];
        }
        JsonObject Properties(JsonObject components) => components["schemas"]![Type]!["properties"]!.AsObject();
        Assert.Empty(With(c => Properties(c)["more"] = new JsonObject { ["type"] = "string" }));
        Assert.Empty(With(c => c["messages"]!["budget.project.invented.v1"] = new JsonObject()));
        Assert.Equal([$"{Type} is gone."], With(c => c["messages"]!.AsObject().Remove(Type)));
        Assert.Equal([$"{Type}.granted is gone."], With(c => Properties(c).Remove("granted")));
        Assert.Equal([$"{Type}.granted was number and is string."], With(c => Properties(c)["granted"]!["type"] = "string"));
        Assert.Equal([$"{Type}.granted may be absent."], With(c => c["schemas"]![Type]!["required"]!.AsArray().RemoveAll(r => r!.GetValue<string>() == "granted")));
        Assert.Equal([$"{Type}.place.path is gone."], With(c => Properties(c)["place"]!["properties"]!.AsObject().Remove("path")));
    }

    [Fact]
    public async Task A_program_in_another_language_checks_the_document_and_every_event_against_it()
    {
        var events = PublicContract.Types.Select(t => Feeds.CloudEvent((DomainEvent)Made(t.Value), "2027-03-01T10:00:00Z")).ToArray();
        var input = new JsonObject
        {
            ["asyncApi"] = PublicContract.AsyncApi, ["schemas"] = new JsonObject(PublicContract.Types.Keys.Select(t => KeyValuePair.Create(t, (JsonNode?)PublicContract.SchemaOf(t)))), ["events"] = new JsonArray(events),
        };
        var report = JsonNode.Parse(await Node.RunAsync("tests/TransparencyPortal.Tests/node", ["contract.mjs"], input.ToJsonString()))!;
        Assert.Empty(report["problems"]!.AsArray().Select(p => p!.GetValue<string>()));
        Assert.True((int)report["broken"]! > 500);
    }

    [Fact]
    public void Each_event_and_each_of_its_members_is_described()
    {
        foreach (var type in PublicContract.Types.Keys)
        {
            var schema = PublicContract.AsyncApi["components"]!["schemas"]![type]!;
            Assert.True(schema["description"]!.GetValue<string>().Length > 10, type);
            Assert.All(schema["properties"]!.AsObject(), p => Assert.True(p.Value!["description"]?.GetValue<string>().Length > 2, $"{type}.{p.Key}"));
        }
    }

    private static IEnumerable<string> Breaks(JsonNode released, JsonNode now)
    {
        foreach (var (type, _) in released["components"]!["messages"]!.AsObject())
        {
            if (now["components"]!["messages"]![type] is null)
            {
                yield return $"{type} is gone.";
                continue;
            }
            foreach (var broken in Of(type, released["components"]!["schemas"]![type]!, now["components"]!["schemas"]![type]!))
                yield return broken;
        }

        static IEnumerable<string> Of(string path, JsonNode before, JsonNode after)
        {
            if (before["type"]?.ToJsonString() != after["type"]?.ToJsonString() || before["format"]?.ToJsonString() != after["format"]?.ToJsonString())
            {
                yield return $"{path} was {before["type"]} and is {after["type"]}.";
                yield break;
            }
            foreach (var (name, property) in before["properties"]?.AsObject() ?? [])
            {
                if (after["properties"]![name] is not { } still)
                {
                    yield return $"{path}.{name} is gone.";
                    continue;
                }
                foreach (var broken in Of($"{path}.{name}", property!, still))
                    yield return broken;
            }
            foreach (var required in before["required"]?.AsArray() ?? [])
            {
                if (after["properties"]?[required!.GetValue<string>()] is not null && after["required"]?.AsArray().Any(r => r!.GetValue<string>() == required!.GetValue<string>()) != true)
                    yield return $"{path}.{required} may be absent.";
            }
            if (before["items"] is { } items && after["items"] is { } elements)
            {
                foreach (var broken in Of($"{path}[]", items, elements))
                    yield return broken;
            }
        }
    }

    /// <summary>One of a type with something in each member.</summary>
    private static object Made(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return "algo";
        if (type == typeof(Guid))
            return Guid.CreateVersion7();
        if (type == typeof(DateOnly))
            return new DateOnly(2027, 3, 1);
        if (type == typeof(TimeOnly))
            return new TimeOnly(8, 30);
        if (type == typeof(DateTime))
            return new DateTime(2027, 3, 1, 14, 0, 0);
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(2027, 3, 1, 14, 0, 0, TimeSpan.Zero);
        if (type.IsPrimitive || type == typeof(decimal))
            return type == typeof(bool) ? true : Convert.ChangeType(7, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type.IsAssignableTo(typeof(IEnumerable)))
        {
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type.GetGenericArguments()[0]))!;
            list.Add(Made(type.GetGenericArguments()[0]));
            return list;
        }
        var made = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(p => p.CanWrite))
            property.SetValue(made, Made(property.PropertyType));
        return made;
    }
}
