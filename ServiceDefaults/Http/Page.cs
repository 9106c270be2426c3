using System.Globalization;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>A page of a list that is walked by key, not by offset: nothing is skipped while the list changes.</summary>
/// <param name="Items">The elements, in the list's order.</param>
/// <param name="Next">What to send as <c>after</c> for the next page; absent on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>How lists are cut into pages.</summary>
public static class Page
{
    /// <summary>The largest page.</summary>
    public const int MaximumSize = 200;

    /// <summary>Checks the <c>limit</c> of a request.</summary>
    /// <exception cref="RuleViolationException">400 outside 1 to <see cref="MaximumSize"/>.</exception>
    public static int Size(int limit) =>
        limit is >= 1 and <= MaximumSize
            ? limit
            : throw new RuleViolationException(400, "limit_out_of_range", $"Pida entre 1 y {MaximumSize} elementos por página.");

    /// <summary>The <c>after</c> of a request is not one that this list gave: 400.</summary>
    public static RuleViolationException BadCursor() => new(400, "bad_cursor", "El valor de after no es de esta lista.");

    /// <summary>The cursor of a list by day and id.</summary>
    public static string Cursor(DateOnly day, Guid id) => string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}|{id}");

    /// <summary>Reads what <see cref="Cursor"/> gave; 400 for anything else.</summary>
    public static (DateOnly Day, Guid Id) DayAndId(string after) =>
        after.Split('|') is [var day, var id] && DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && Guid.TryParse(id, out var key)
            ? (date, key)
            : throw BadCursor();

    /// <summary>Makes a page of <paramref name="items"/>, of which one more than <paramref name="size"/> was read.</summary>
    public static Page<T> Of<T>(List<T> items, int size, Func<T, string> key)
    {
        if (items.Count <= size)
            return new(items, null);
        items.RemoveRange(size, items.Count - size);
        return new(items, key(items[^1]));
    }
}
