using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ServiceDefaults.Errors;

/// <summary>
/// A rule of the domain says no. The caller gets a problem with <see cref="Code"/> and the message, which is
/// Spanish, tells what to do, and names no DUI or telephone number.
/// </summary>
public sealed class RuleViolationException(int status, string code, string message) : Exception(message)
{
    /// <summary>HTTP status: 409 when the thing's state forbids it, 422 when the request does.</summary>
    public int Status { get; } = status;

    /// <summary>Stable English code, as <c>members_below_minimum</c>.</summary>
    public string Code { get; } = code;

    /// <summary>The field at fault as a JSON pointer, when there is one.</summary>
    public string? Pointer { get; init; }
}

/// <summary>How aggregates state their rules.</summary>
public static class Rule
{
    /// <summary>The request must satisfy this; otherwise 422.</summary>
    /// <exception cref="RuleViolationException"><paramref name="holds"/> is false.</exception>
    public static void That(bool holds, string code, string message, string? pointer = null)
    {
        if (!holds)
            throw new RuleViolationException(422, code, message) { Pointer = pointer };
    }

    /// <summary>The thing must be in a state that allows this; otherwise 409.</summary>
    /// <exception cref="RuleViolationException"><paramref name="holds"/> is false.</exception>
    public static void State(bool holds, string code, string message)
    {
        if (!holds)
            throw new RuleViolationException(409, code, message);
    }

    /// <summary>The date on which something happened cannot lie ahead of <paramref name="now"/>; otherwise 422 <c>date_in_future</c>.</summary>
    /// <exception cref="RuleViolationException">It does.</exception>
    public static void NotInFuture(DateOnly date, DateTimeOffset now, string pointer) =>
        That(date <= now.LocalDate(), "date_in_future", "La fecha todavía no ha llegado.", pointer);
}
