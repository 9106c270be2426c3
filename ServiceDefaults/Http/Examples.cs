using System.Reflection;

namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>
/// A record of a request or an answer shows how it is filled in by a static property <c>Example</c> of its own type,
/// with made-up people and numbers. The OpenAPI document carries it wherever the record is taken or given. Here is what
/// examples are made of.
/// </summary>
public static class Examples
{
    /// <summary>An id that nothing has.</summary>
    public static Guid Id { get; } = new("01936d0a-7c00-7000-8000-000000000001");

    /// <summary>Another one.</summary>
    public static Guid OtherId { get; } = new("01936d0a-7c00-7000-8000-000000000002");

    /// <summary>An instant.</summary>
    public static DateTimeOffset Instant { get; } = new(2026, 3, 2, 15, 30, 0, TimeSpan.Zero);

    /// <summary>The example of a type: its own, or a list or a page of its element's; null when it has none.</summary>
    internal static object? Of(Type type)
    {
        if (type.GetProperty("Example", BindingFlags.Public | BindingFlags.Static) is { } own && own.PropertyType == type)
            return own.GetValue(null);
        if (!type.IsGenericType || Of(type.GetGenericArguments()[0]) is not { } element)
            return null;
        return type.GetGenericTypeDefinition() == typeof(Page<>)
            ? new { items = new[] { element }, next = (string?)null }
            : new[] { element };
    }
}
