using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ProyeccionSocial.News;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>What the pages show, for programs.</summary>
internal static class OpenData
{
    private const int MostTold = 1000;

    public static void MapOpenData(this IEndpointRouteBuilder api)
    {
        var subjects = api.MapGroup("/subjects").WithTags("open-data");
        subjects.MapGet("/", ListAsync).WithName("ListSubjects").AllowAnonymous().WithSummary("Lo que se ha publicado de un tema, o de un lugar").WithDescription("kind es association, committee, meeting, event, plan, cycle, proposal, project, campaign, delivery-day, series, edition o question.");
        subjects.MapGet("/export", ExportAsync).WithName("ExportSubjects").AllowAnonymous().Produces<string>(200, "text/csv").WithSummary("Un tema entero para una hoja de cálculo");
        subjects.MapGet("/{id:guid}/export", ExportSubjectAsync).WithName("ExportSubject").AllowAnonymous().Produces<string>(200, "text/csv").ProducesProblem(404).WithSummary("Todo lo que se publicó de un asunto, para una hoja de cálculo, con sus correcciones y retiros");
        subjects.MapGet("/{id:guid}", GetAsync).WithName("GetSubject").AllowAnonymous().WithSummary("Un asunto con lo que se publicó de él, como CloudEvents").WithDescription("Hasta 1000 eventos; con after = next vienen los siguientes.");
    }

    public static void MapPlaceData(this IEndpointRouteBuilder api)
    {
        api.MapGet("/calendar", CalendarAsync).WithName("GetCalendarData").AllowAnonymous().WithTags("open-data").WithSummary("Lo que hay en un mes: reuniones, eventos y entregas").WithDescription("month es como 2027-05; sin él, este mes.");
        api.MapGet("/calendar/export", ExportCalendarAsync).WithName("ExportCalendar").AllowAnonymous().WithTags("open-data").Produces<string>(200, "text/csv").WithSummary("Un mes del calendario para una hoja de cálculo");
        api.MapGet("/places", PlacesAsync).WithName("GetPlacesData").AllowAnonymous().WithTags("open-data").Produces<string>(200, "application/geo+json").WithSummary("Los lugares de los que se sabe dónde están (GeoJSON)");
        api.MapGet("/places/export", ExportPlaces).WithName("ExportPlacesData").AllowAnonymous().WithTags("open-data").Produces<string>(200, "text/csv").WithSummary("Los mismos lugares para una hoja de cálculo");
    }

    private static async Task<Ok<List<CalendarEntry>>> CalendarAsync(NpgsqlDataSource database, TimeProvider time, string? month = null, CancellationToken cancellation = default) =>
        TypedResults.Ok(await Places.MonthAsync(database, Places.MonthOf(month, time), cancellation));

    private static async Task<PushStreamHttpResult> ExportCalendarAsync(NpgsqlDataSource database, TimeProvider time, string? month = null, CancellationToken cancellation = default) => Csv.File(
        "calendario.csv", ["id", "tipo", "titulo", "lugar", "comienza", "termina", "no_se_hara"], (await Places.MonthAsync(database, Places.MonthOf(month, time), cancellation)).ToAsyncEnumerable(), static (csv, e) =>
        {
            csv.WriteField(e.Id.ToString());
            csv.WriteField(e.Kind);
            csv.WriteField(e.Title);
            csv.WriteField(e.Place);
            csv.WriteField(e.HasHour ? e.Starts.DayAndHour() : DateOnly.FromDateTime(e.Starts).Day());
            csv.WriteField(e.Ends?.DayAndHour() ?? "");
            csv.WriteField(e.IsOff ? "sí" : "");
        });

    private static async Task<IResult> PlacesAsync(NpgsqlDataSource database, CancellationToken cancellation) => TypedResults.Text(new JsonObject
    {
        ["type"] = "FeatureCollection", ["features"] = new JsonArray([.. (await Places.LocatedAsync(database, cancellation)).Select(p => new JsonObject
        {
            ["type"] = "Feature", ["id"] = p.Id, ["geometry"] = new JsonObject { ["type"] = "Point", ["coordinates"] = new JsonArray(p.Data.Amount("longitude"), p.Data.Amount("latitude")) },
            ["properties"] = new JsonObject { ["name"] = p.Data.Part("place").Text("name"), ["path"] = p.Path, ["pages"] = p.Count },
        })]),
    }.ToJsonString(), "application/geo+json; charset=utf-8");

    private static PushStreamHttpResult ExportPlaces(NpgsqlDataSource database, CancellationToken cancellation) => Csv.File(
        "lugares.csv", ["id", "lugar", "latitud", "longitud", "paginas"], LocatedAsync(database, cancellation), static (csv, p) =>
        {
            csv.WriteField(p.Id.ToString());
            csv.WriteField(p.Path);
            csv.WriteField(p.Data.Amount("latitude"));
            csv.WriteField(p.Data.Amount("longitude"));
            csv.WriteField(p.Count);
        });

    private static async IAsyncEnumerable<(Guid Id, News.EventData Data, string Path, int Count)> LocatedAsync(NpgsqlDataSource database, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var place in await Places.LocatedAsync(database, cancellation))
            yield return place;
    }

    /// <summary>A subject, with the facts of its page in the words of the page.</summary>
    internal sealed record SubjectView(Guid Id, string Kind, string Title, string Place, Guid? Parent, DateTimeOffset ChangedAt, IReadOnlyDictionary<string, string> Facts)
    {
        public static SubjectView Example => new(
            Examples.Id, "project", "Agua potable para El Ensayo", "El Ensayo, Las Lomas, San Ensayo", Examples.OtherId, Examples.Instant, new Dictionary<string, string> { ["Estado"] = "En ejecución", ["Pagado"] = "$9,000.00" });
    }

    internal sealed record WholeSubject(SubjectView Subject, IReadOnlyList<JsonNode> Events, string? Next)
    {
        public static WholeSubject Example => new(SubjectView.Example, [JsonNode.Parse("""{"specversion":"1.0","type":"budget.project.created.v1"}""")!], null);
    }

    private const string Columns = "id, kind, title, place, parent, changed_at";

    private static SubjectView Read(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.IsDBNull(4) ? null : r.GetGuid(4), r.GetFieldValue<DateTimeOffset>(5), new Dictionary<string, string>());

    private static async Task<Ok<Page<SubjectView>>> ListAsync(NpgsqlDataSource database, string? kind = null, string? place = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var subjects = await Rows.ReadAsync(
            database, $"SELECT {Columns} FROM subject WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR place = $2) AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4", [kind, place, after, size + 1], Read, cancellation);
        return TypedResults.Ok(Page.Of(await WithFactsAsync(database, subjects, cancellation), size, s => s.Id.ToString()));
    }

    /// <summary>What the page of each says of it.</summary>
    private static async Task<List<SubjectView>> WithFactsAsync(NpgsqlDataSource database, List<SubjectView> subjects, CancellationToken cancellation)
    {
        var newest = await Rows.ReadAsync(
            database, "SELECT id, type, subject, version, happened_at, line, NULL::uuid FROM newest WHERE subject = ANY ($1) ORDER BY version, happened_at, id", [subjects.Select(s => s.Id).ToArray()], EventIndex.Event, cancellation);
        var bySubject = newest.ToLookup(e => e.Subject);
        return subjects.ConvertAll(s => s with
        {
            Facts = new SubjectContent(s.Id, s.Kind, [.. bySubject[s.Id]]).Fill().Facts.GroupBy(f => f.Label).ToDictionary(g => g.Key, g => string.Join("; ", g.Select(f => f.Value))),
        });
    }

    private static Results<PushStreamHttpResult, ProblemHttpResult> ExportAsync(NpgsqlDataSource database, string kind, CancellationToken cancellation)
    {
        if (!SubjectContent.Labels.TryGetValue(kind, out var labels))
            return Problems.NotFound();
        return Csv.File($"{kind}.csv", ["id", "nombre", "lugar", "parte_de", "cambio", .. labels], AllAsync(database, kind, cancellation), (csv, s) =>
        {
            csv.WriteField(s.Id.ToString());
            csv.WriteField(s.Title);
            csv.WriteField(s.Place);
            csv.WriteField(s.Parent?.ToString() ?? "");
            csv.WriteField(s.ChangedAt.DayAndHour());
            foreach (var label in labels)
                csv.WriteField(s.Facts.GetValueOrDefault(label, ""));
        });
    }

    private static async IAsyncEnumerable<SubjectView> AllAsync(NpgsqlDataSource database, string kind, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var (title, id) = ("", Guid.Empty); ;)
        {
            var some = await Rows.ReadAsync(
                database, $"SELECT {Columns} FROM subject WHERE kind = $1 AND (title, id) > ($2, $3) ORDER BY title, id LIMIT $4", [kind, title, id, Page.MaximumSize], Read, cancellation);
            foreach (var subject in await WithFactsAsync(database, some, cancellation))
                yield return subject;
            if (some.Count < Page.MaximumSize)
                yield break;
            (title, id) = (some[^1].Title, some[^1].Id);
        }
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportSubjectAsync(Guid id, NpgsqlDataSource database, CancellationToken cancellation)
    {
        if (await Rows.ReadAsync(database, "SELECT 1 FROM subject WHERE id = $1", [id], r => r.GetInt32(0), cancellation) is [])
            return Problems.NotFound();
        return Csv.File($"{id}.csv", ["id", "fecha", "tipo", "version", "dice", "corrige", "retirado"], Rows.StreamAsync(
            database, $"SELECT {Rows.Event} FROM told e WHERE e.subject = $1 ORDER BY e.happened_at, e.id", [id], EventIndex.Event, cancellation), static (csv, e) =>
        {
            csv.WriteField(e.Id.ToString());
            csv.WriteField(e.HappenedAt.DayAndHour());
            csv.WriteField(e.Type);
            csv.WriteField(e.Version);
            csv.WriteField(Sentences.Of(e));
            csv.WriteField(e.About?.ToString() ?? "");
            csv.WriteField(e.Leaf is null ? "" : Convert.ToHexStringLower(e.Leaf));
        });
    }

    private static async Task<Results<Ok<WholeSubject>, ProblemHttpResult>> GetAsync(Guid id, NpgsqlDataSource database, string? after = null, CancellationToken cancellation = default)
    {
        if (await Rows.ReadAsync(database, $"SELECT {Columns} FROM subject WHERE id = $1", [id], Read, cancellation) is not [var subject])
            return Problems.NotFound();
        var (at, last) = after is null ? (DateTimeOffset.UnixEpoch, Guid.Empty) : Shown.After(after);
        var events = await Rows.ReadAsync(
            database, $"SELECT {Rows.Event} FROM told e WHERE e.subject = $1 AND (e.happened_at, e.id) > ($2, $3) ORDER BY e.happened_at, e.id LIMIT $4", [id, at, last, MostTold + 1], EventIndex.Event, cancellation);
        var shown = events.Take(MostTold).ToList();
        return TypedResults.Ok(new WholeSubject(
            (await WithFactsAsync(database, [subject], cancellation))[0], [.. shown.Select(e => JsonNode.Parse(e.Line)!)],
            events.Count > MostTold ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{shown[^1].HappenedAt.UtcDateTime:O}|{shown[^1].Id}") : null));
    }
}

/// <summary>Plain SQL in one line.</summary>
internal static class Rows
{
    public const string Event = "e.id, e.type, e.subject, e.version, e.happened_at, e.line, e.about";

    public static async Task<List<T>> ReadAsync<T>(NpgsqlDataSource database, string sql, object?[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellation) =>
        await StreamAsync(database, sql, parameters, read, cancellation).ToListAsync(cancellation);

    public static async IAsyncEnumerable<T> StreamAsync<T>(
        NpgsqlDataSource database, string sql, object?[] parameters, Func<NpgsqlDataReader, T> read, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter ?? DBNull.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return read(reader);
    }
}
