namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>How something that waits for somebody stands.</summary>
public enum WorkState
{
    /// <summary>Its day is still to come.</summary>
    Due,

    /// <summary>Its day has passed.</summary>
    Overdue,

    /// <summary>It has no day: nothing goes on without it.</summary>
    Blocked,
}

/// <summary>What the work lists of the services have in common: by day, what has none last.</summary>
public static class Work
{
    /// <summary>Stands for the day of what has none, where items are put in order.</summary>
    public static readonly DateOnly Undated = DateOnly.MaxValue;

    /// <summary>How an item stands on a day.</summary>
    public static WorkState StateOf(DateOnly? due, DateOnly today) => due is not { } day ? WorkState.Blocked : day < today ? WorkState.Overdue : WorkState.Due;

    /// <summary>Where a page of items ends.</summary>
    public static string Cursor(DateOnly? due, Guid subject, string kind, string detail) => $"{Page.Cursor(due ?? Undated, subject)}#{kind}#{detail}";

    /// <summary>Reads a cursor back.</summary>
    /// <exception cref="Errors.RuleViolationException">400: it is none of ours.</exception>
    public static (DateOnly Due, Guid Subject, string Kind, string Detail) After(string cursor)
    {
        if (cursor.Split('#', 3) is not [var at, var kind, var detail])
            throw Page.BadCursor();
        var (due, subject) = Page.DayAndId(at);
        return (due, subject, kind, detail);
    }
}
