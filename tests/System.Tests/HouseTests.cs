using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>The rules of the house that a reviewer would otherwise have to remember.</summary>
public sealed partial class HouseTests
{
    [Fact]
    public void No_service_references_another_and_nobody_references_the_AppHost()
    {
        var projects = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(p => !p.Contains("/tests/", StringComparison.Ordinal)).ToArray();
        Assert.True(projects.Length >= 7);
        foreach (var project in projects)
        {
            var references = ProjectReference().Matches(File.ReadAllText(project))
                .Select(m => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, m.Groups[1].Value))).ToArray();
            var isAppHost = Path.GetFileName(project) == "AppHost.csproj";
            Assert.DoesNotContain(references, r => Path.GetFileName(r) == "AppHost.csproj");
            Assert.DoesNotContain(references, r => !isAppHost && r.Contains("/services/", StringComparison.Ordinal) && !r.Contains("/services/Shared/", StringComparison.Ordinal));
            if (project.Contains("/services/Shared/", StringComparison.Ordinal))
                Assert.DoesNotContain(references, r => !r.Contains("/services/Shared/", StringComparison.Ordinal));
        }
        Assert.DoesNotContain("PackageReference", File.ReadAllText(projects.Single(p => Path.GetFileName(p) == "Contracts.csproj")), StringComparison.Ordinal);
    }

    /// <summary>
    /// What was released stays: an event keeps its exchange, its public type and every property with its type. To
    /// release an addition, write the printed text to the snapshot.
    /// </summary>
    [Fact]
    public void Contracts_only_grow()
    {
        var file = Path.Combine(Repository.Root, "tests", "System.Tests", "contracts.snapshot.json");
        var now = Describe();
        var released = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))!.AsObject() : [];
        foreach (var (exchange, entry) in released)
        {
            Assert.True(now.ContainsKey(exchange), $"{exchange} is gone.");
            Assert.Equal(entry!["publicType"]?.GetValue<string>(), now[exchange]!["publicType"]?.GetValue<string>());
            foreach (var (property, type) in entry["properties"]!.AsObject())
                Assert.Equal($"{exchange}.{property}: {type}", $"{exchange}.{property}: {now[exchange]!["properties"]![property]}");
        }
        Assert.True(JsonNode.DeepEquals(released, now), $"There is something new. Release it by writing this to {Path.GetFileName(file)}:\n{now.ToJsonString(Indented)}");
    }

    [Fact]
    public void Public_events_have_no_property_for_personal_data()
    {
        string[] personal = ["dui", "phone", "personname", "fullname", "givennames", "surnames", "birthdate", "address", "reason"];
        foreach (var type in Events().Where(e => e.GetCustomAttribute<PublicEventAttribute>() is not null))
            Assert.DoesNotContain(type.GetProperties(), p => personal.Contains(p.Name.ToLowerInvariant()));
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static IEnumerable<Type> Events() =>
        typeof(DomainEvent).Assembly.GetTypes().Where(t => t is { IsAbstract: false } && t.IsSubclassOf(typeof(DomainEvent)));

    private static JsonObject Describe()
    {
        var all = new JsonObject();
        foreach (var type in Events().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            var properties = new JsonObject();
            foreach (var property in type.GetProperties().Where(p => p.Name != nameof(DomainEvent.SubjectId)).OrderBy(p => p.Name, StringComparer.Ordinal))
                properties[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] = NameOf(property);
            all[$"{type.Namespace}:{type.Name}"] = new JsonObject { ["publicType"] = type.GetCustomAttribute<PublicEventAttribute>()?.Type, ["properties"] = properties };
        }
        return all;
    }

    private static string NameOf(PropertyInfo property)
    {
        var type = property.PropertyType;
        var nullable = Nullable.GetUnderlyingType(type) is not null || new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
        type = Nullable.GetUnderlyingType(type) ?? type;
        var name = type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(',', type.GetGenericArguments().Select(a => a.Name))}>" : type.Name;
        return nullable ? name + "?" : name;
    }

    [GeneratedRegex("ProjectReference Include=\"([^\"]+)\"")]
    private static partial Regex ProjectReference();
}
