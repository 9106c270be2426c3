using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ProyeccionSocial.Contracts;

namespace ProyeccionSocial.Messaging;

/// <summary>How events are written: camelCase, enums as strings, ISO 8601 dates, absent values left out.</summary>
public static class EventJson
{
    /// <summary>The one set of options that every event is written and read with.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(), // Said here: schemas are made before anything was written.
    };

    private static readonly ConcurrentDictionary<Type, string?> PublicTypes = new();

    /// <summary>The broker's exchange for events of this type: <c>Namespace:Name</c>, as MassTransit names it.</summary>
    public static string ExchangeOf(Type type) => $"{type.Namespace}:{type.Name}";

    /// <summary>The CloudEvents type of a public event; <see langword="null"/> for an internal one.</summary>
    public static string? PublicTypeOf(Type type) =>
        PublicTypes.GetOrAdd(type, static t => t.GetCustomAttribute<PublicEventAttribute>()?.Type);

    internal static string Write(DomainEvent happened) =>
        JsonSerializer.Serialize(happened, happened.GetType(), Options);
}
