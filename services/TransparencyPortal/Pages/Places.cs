using System.Globalization;
using Npgsql;
using ProyeccionSocial.News;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Events;
using static ProyeccionSocial.TransparencyPortal.Pages.Shown;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>"My community": everything of a place; what is when; and where on the map.</summary>
internal static class Places
{
    private static readonly CultureInfo Salvadoran = CultureInfo.GetCultureInfo("es-SV");
    private const int MostOfMonth = 400;
    private const int MostOnMap = 2000;

    public static void MapPlaces(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/portal/lugar", PlaceAsync).WithName("GetPlace").AllowAnonymous().Produces<string>(200, "text/html").Produces(303).Produces<string>(404, "text/html").WithSummary("Todo lo de un lugar y de los que contiene; escrito de otro modo, lleva a su página");
        pages.MapGet("/portal/calendario", CalendarAsync).WithName("GetCalendarPage").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Reuniones, eventos y entregas de un mes, con enlaces para suscribirse").WithDescription("mes es como 2027-05.");
        pages.MapGet("/portal/mapa", MapAsync).WithName("GetMap").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Los lugares de los que se sabe dónde están, con lo que hay en cada uno");
    }

    public static string AddressOf(string place) => $"/portal/lugar?nombre={Uri.EscapeDataString(place)}";

    /// <summary>What begins in a time, the earliest first.</summary>
    /// <param name="database">The portal's.</param>
    /// <param name="from">Local.</param>
    /// <param name="until">Local; without it, all that is still to come and is not called off.</param>
    /// <param name="place">Only what lies in it.</param>
    /// <param name="most">At most.</param>
    /// <param name="cancellation">Of the request.</param>
    public static Task<List<CalendarEntry>> DatesAsync(NpgsqlDataSource database, DateTime from, DateTime? until, string? place, int most, CancellationToken cancellation) => Rows.ReadAsync(
        database,
        """
        SELECT o.id, o.kind, o.title, coalesce(l.path, o.place), o.starts_at, o.ends_at, o.has_hour, o.is_off, (SELECT string_agg(c.words, ' ' ORDER BY c.happened_at, c.id) FROM correction c WHERE c.subject = o.id) FROM occasion o LEFT JOIN place l ON l.id = o.place_id
        WHERE o.starts_at >= $1 AND ($2::timestamp IS NULL AND NOT o.is_off OR o.starts_at < $2) AND ($3::text IS NULL OR o.id IN (SELECT lying_in($3))) ORDER BY o.starts_at, o.id LIMIT $4
        """,
        [DateTime.SpecifyKind(from, DateTimeKind.Unspecified), until is { } end ? DateTime.SpecifyKind(end, DateTimeKind.Unspecified) : null, place, most],
        r => new CalendarEntry(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetDateTime(4), r.IsDBNull(5) ? null : r.GetDateTime(5), r.GetBoolean(6), r.GetBoolean(7), r.IsDBNull(8) ? null : r.GetString(8)), cancellation);

    private static async Task<IResult> PlaceAsync(NpgsqlDataSource database, HttpContext http, TimeProvider time, string? nombre = null, CancellationToken cancellation = default)
    {
        var place = (nombre ?? "").Trim();
        if (place.Length is 0 or > 500)
            return new SeeOther("/portal/mapa");
        // One place has one page, however its path was written.
        var known = await Rows.ReadAsync(
            database, "SELECT path FROM place WHERE lies_in(path, $1) AND lies_in($1, path) ORDER BY told_at DESC, told_by DESC LIMIT 1", [place], r => r.GetString(0), cancellation);
        if (known is [var called] && called != place)
            return new SeeOther(AddressOf(called));
        var lines = await Rows.ReadAsync(
            database,
            """
            SELECT id, kind, title, place FROM (
                SELECT id, kind, title, place, row_number() OVER (PARTITION BY kind ORDER BY changed_at DESC, id) AS line FROM subject WHERE id IN (SELECT lying_in($1))) s
            WHERE line <= $2
            """, [place, MostLines], r => (Id: r.GetGuid(0), Kind: r.GetString(1), Line: Line(r)), cancellation);
        var notes = await NotesAsync(database, lines.ConvertAll(l => (l.Id, l.Kind)), cancellation);
        // Of a place that nobody has named there is no page: its words are whoever's who wrote the address.
        if (known.Count == 0 && lines.Count == 0)
            return Missing(http, "Ese lugar no tiene página todavía", "De él no se ha publicado nada, o se escribe de otro modo.");
        return Page<PlacePage>(http, new()
        {
            ["Place"] = place, ["Coming"] = await DatesAsync(database, time.GetUtcNow().Local().Date, null, place, 20, cancellation),
            ["Groups"] = (IReadOnlyList<SubjectGroup>)[.. Kind.All.SelectMany(k => Group(lines.Where(l => l.Kind == k.Name).Select(l => l.Line with { Note = notes.GetValueOrDefault(l.Id, "") }), k.Title))],
        });
    }

    private static async Task<IResult> CalendarAsync(NpgsqlDataSource database, HttpContext http, TimeProvider time, string? mes = null, CancellationToken cancellation = default)
    {
        var month = MonthOf(mes, time);
        var dates = await MonthAsync(database, month, null, MostOfMonth + 1, cancellation);
        return Page<CalendarPage>(http, new()
        {
            ["Month"] = month.ToString("MMMM 'de' yyyy", Salvadoran), ["Of"] = Key(month), ["Before"] = Key(month.AddMonths(-1)), ["Next"] = Key(month.AddMonths(1)),
            ["Dates"] = (IReadOnlyList<CalendarEntry>)[.. dates.Take(MostOfMonth)], ["IsMore"] = dates.Count > MostOfMonth,
        });
    }

    private static string Key(DateTime month) => month.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>The month that is asked for; this one for anything that is none.</summary>
    public static DateTime MonthOf(string? asked, TimeProvider time) =>
        DateTime.TryParseExact(asked, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) && month.Year is >= 2000 and <= 2200 ? month : new DateTime(time.Today().Year, time.Today().Month, 1);

    /// <summary>What is in a month.</summary>
    public static Task<List<CalendarEntry>> MonthAsync(NpgsqlDataSource database, DateTime month, string? place, int most, CancellationToken cancellation) => DatesAsync(database, month, month.AddMonths(1), place, most, cancellation);

    /// <summary>Drawn by us from the places' own degrees: no server elsewhere learns who looks at which place.</summary>
    private static async Task<IResult> MapAsync(NpgsqlDataSource database, HttpContext http, CancellationToken cancellation)
    {
        var located = await LocatedAsync(database, cancellation);
        if (located.Count == 0)
            return Page<MapPage>(http, new() { ["Points"] = Array.Empty<MapPlace>(), ["Height"] = 0d });
        var (south, north) = (located.Min(p => p.Data.Amount("latitude")), located.Max(p => p.Data.Amount("latitude")));
        var (west, east) = (located.Min(p => p.Data.Amount("longitude")), located.Max(p => p.Data.Amount("longitude")));
        // A degree of longitude is shorter than one of latitude, by the cosine of the latitude; in so small a country the same everywhere.
        var narrow = Math.Cos((double)(south + north) / 2 * Math.PI / 180);
        var (width, height) = ((double)Math.Max(east - west, 0.01m) * narrow, (double)Math.Max(north - south, 0.01m));
        var scale = Math.Min(MapPage.Width / width, MapPage.Tallest / height);
        return Page<MapPage>(http, new()
        {
            ["Height"] = height * scale,
            ["Points"] = (IReadOnlyList<MapPlace>)[.. located.Select(p => new MapPlace(
                p.Data.Part("place").Text("name"), p.Path, AddressOf(p.Path.Length > 0 ? p.Path : p.Data.Part("place").Text("path")), (double)(p.Data.Amount("longitude") - west) * narrow * scale, (double)(north - p.Data.Amount("latitude")) * scale,
                p.Data.Amount("latitude").ToString("0.0000", CultureInfo.InvariantCulture), p.Data.Amount("longitude").ToString("0.0000", CultureInfo.InvariantCulture), p.Count))],
        });
    }

    /// <summary>The places of which is known where they are, with how much there is of each.</summary>
    public static Task<List<(Guid Id, EventData Data, string Path, int Count)>> LocatedAsync(NpgsqlDataSource database, CancellationToken cancellation) => Rows.ReadAsync(
        database,
        """
        SELECT n.subject, n.line, coalesce(l.path, ''), (SELECT count(*)::int FROM subject s WHERE s.place_id = n.subject AND s.kind <> 'place')
        FROM newest n LEFT JOIN place l ON l.id = n.subject WHERE n.type = 'organizations.place.located.v1' ORDER BY 3, n.subject LIMIT $1
        """,
        [MostOnMap], r => (r.GetGuid(0), new EventData(System.Text.Json.JsonDocument.Parse(r.GetString(1)).RootElement.GetProperty("data")), r.GetString(2), r.GetInt32(3)), cancellation);
}

/// <summary>Something in the calendar.</summary>
/// <param name="Id">Of its subject.</param>
/// <param name="Kind">As <c>meeting</c>; <c>series</c> for a date of one that has no hour yet.</param>
/// <param name="Title">How it is called.</param>
/// <param name="Place">Where; empty where it is not said.</param>
/// <param name="Starts">Local; midnight where no hour is set.</param>
/// <param name="Ends">The same; absent where it is not said.</param>
/// <param name="HasHour">Whether the hour is set.</param>
/// <param name="IsOff">Whether it does not take place.</param>
/// <param name="Correction">What was said to be right instead.</param>
public sealed record CalendarEntry(Guid Id, string Kind, string Title, string Place, DateTime Starts, DateTime? Ends, bool HasHour, bool IsOff, string? Correction)
{
    public static CalendarEntry Example => new(ServiceDefaults.Http.Examples.Id, "meeting", "Asamblea de marzo, ADESCO", "El Ensayo, Las Lomas", new(2027, 3, 4, 14, 0, 0), null, true, false, null);

    internal string When => !HasHour ? Starts.ToString("dddd d 'de' MMMM 'de' yyyy", CultureInfo.GetCultureInfo("es-SV")) : Ends is { } ends ? Starts.InWordsUntil(ends) : Starts.InWords();

    internal string Address => Pages.Kind.AddressOf(Kind, Id);
}
