namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>
/// A record of a request or an answer that shows how it is filled in: the OpenAPI document carries it as the example
/// of every endpoint that takes or gives it.
/// </summary>
/// <typeparam name="T">The record itself.</typeparam>
public interface IExample<out T>
{
    /// <summary>An example with made-up people and numbers.</summary>
    static abstract T Example { get; }
}

/// <summary>What examples are made of.</summary>
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
        if (type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IExample<>)))
            return type.GetProperty(nameof(IExample<object>.Example))!.GetValue(null);
        if (!type.IsGenericType || Of(type.GetGenericArguments()[0]) is not { } element)
            return null;
        return type.GetGenericTypeDefinition() == typeof(Page<>)
            ? new { items = new[] { element }, next = (string?)null }
            : new[] { element };
    }
}
