using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>What the pages have in common.</summary>
internal static class Shown
{
    public const int MostLines = 50;

    /// <summary>A page of the portal: one script of ours makes it live, and it needs none.</summary>
    public static RazorComponentResult<TPage> Page<TPage>(HttpContext http, Dictionary<string, object?> parameters, int status = 200)
        where TPage : IComponent
    {
        http.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        return new RazorComponentResult<TPage>(parameters) { StatusCode = status, PreventStreamingRendering = true };
    }

    public static RazorComponentResult<MissingPage> Missing(HttpContext http, string title = "Esa página no existe", string words = "Puede que la dirección esté incompleta.") => Page<MissingPage>(http, new() { ["Title"] = title, ["Words"] = words }, 404);

    /// <summary>The portal as people outside reach it.</summary>
    public static Uri HomeOf(HttpContext http, IConfiguration configuration) => HomeOf($"{http.Request.Scheme}://{http.Request.Host}", configuration);

    /// <param name="asked">How whoever asks reaches it, where nobody said how people outside do.</param>
    /// <param name="configuration">That may say it.</param>
    public static Uri HomeOf(string asked, IConfiguration configuration) => new((configuration["PublicUrl"] ?? asked).TrimEnd('/') + "/");

    /// <summary>Where a list goes on; from its beginning for anything that is no cursor of ours.</summary>
    public static (DateTimeOffset At, Guid Id) After(string? cursor) => Read(cursor) ?? (new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero), Guid.Empty);

    /// <summary>The same for a program: 400 for what is no cursor of ours, so that it does not take it for the end.</summary>
    /// <param name="cursor">What was given; nothing for the beginning.</param>
    /// <param name="beginning">Before everything.</param>
    public static (DateTimeOffset At, Guid Id) After(string? cursor, DateTimeOffset beginning) => cursor is null ? (beginning, Guid.Empty) : Read(cursor) ?? throw ServiceDefaults.Http.Page.BadCursor();

    private static (DateTimeOffset At, Guid Id)? Read(string? cursor) =>
        cursor?.Split('|') is [var time, var key] && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at.Year is > 1 and < 9999 && Guid.TryParse(key, out var id)
            ? (at.ToUniversalTime(), id) : null;

    /// <summary>Where a list goes on, for a program; <see cref="Cursor"/> is the same in an address.</summary>
    public static string CursorOf(News.PublicEvent told) => string.Create(CultureInfo.InvariantCulture, $"{told.HappenedAt.UtcDateTime:O}|{told.Id}");

    public static string Cursor(DateTimeOffset at, Guid id) => Uri.EscapeDataString($"{at.ToUniversalTime():O}|{id}");

    public static IReadOnlyList<SubjectGroup> Group(IEnumerable<SubjectLine> lines, string? title = null) => lines.ToList() is { Count: > 0 } some ? [new(title, some)] : [];

    /// <summary>From <c>id, kind, title, place</c>.</summary>
    public static SubjectLine Line(NpgsqlDataReader r) => new(r.GetString(2), Kind.AddressOf(r.GetString(1), r.GetGuid(0)), r.GetString(3));

    /// <summary>What stands beside each subject in a list.</summary>
    public static async Task<Dictionary<Guid, string>> NotesAsync(NpgsqlDataSource database, IReadOnlyCollection<(Guid Id, string Kind)> subjects, CancellationToken cancellation)
    {
        var kinds = subjects.DistinctBy(s => s.Id).ToDictionary(s => s.Id, s => s.Kind);
        var newest = await Rows.ReadAsync(
            database, "SELECT id, type, subject, version, happened_at, line, NULL::uuid FROM newest WHERE subject = ANY ($1) AND type = ANY ($2) ORDER BY version, happened_at, id", [kinds.Keys.ToArray(), SubjectContent.OfNotes],
            EventIndex.Event, cancellation);
        return newest.GroupBy(e => e.Subject).ToDictionary(g => g.Key, g => SubjectContent.NoteOf(kinds[g.Key], [.. g]));
    }
}
