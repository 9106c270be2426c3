using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
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
    private const int MostOfMonth = 10_000;

    public static void MapOpenData(this IEndpointRouteBuilder api)
    {
        var subjects = api.MapGroup("/subjects").WithTags("open-data");
        subjects.MapGet("/", ListAsync).WithName("ListSubjects").AllowAnonymous().ProducesProblem(422).WithSummary("Lo que se ha publicado de un tema, de un lugar con lo que contiene, o con unas palabras").WithDescription($"kind es {string.Join(", ", SubjectContent.Labels.Keys)}.");
        subjects.MapGet("/export", ExportAsync).WithName("ExportSubjects").AllowAnonymous().Produces<string>(200, "text/csv").ProducesProblem(422).WithSummary("Lo mismo, entero, para una hoja de cálculo");
        subjects.MapGet("/{id:guid}/export", ExportSubjectAsync).WithName("ExportSubject").AllowAnonymous().Produces<string>(200, "text/csv").ProducesProblem(404).WithSummary("Todo lo que se publicó de un asunto, para una hoja de cálculo, con sus correcciones y retiros");
        subjects.MapGet("/{id:guid}/tables/{table}/export", ExportTableAsync).WithName("ExportTable").AllowAnonymous().Produces<string>(200, "text/csv").ProducesProblem(404).WithSummary("Una tabla de la página de un asunto, para una hoja de cálculo").WithDescription("table es el nombre que le da el asunto en tables.");
        subjects.MapGet("/{id:guid}", GetAsync).WithName("GetSubject").AllowAnonymous().WithSummary("Un asunto con lo que dice su página, y lo que se publicó de él, como CloudEvents").WithDescription("Hasta 1000 eventos; con after = next vienen los siguientes.");
        var news = api.MapGroup("/news").WithTags("open-data");
        news.MapGet("/", NewsAsync).WithName("ListNews").AllowAnonymous().WithSummary("Lo que se publicó de todo, lo último primero, como CloudEvents");
        news.MapGet("/export", ExportNewsAsync).WithName("ExportNews").AllowAnonymous().Produces<string>(200, "text/csv").WithSummary("Lo que se publicó en un mes, para una hoja de cálculo").WithDescription("month es como 2027-05; sin él, este mes.");
    }

    public static void MapPlaceData(this IEndpointRouteBuilder api)
    {
        api.MapGet("/calendar", CalendarAsync).WithName("GetCalendarData").AllowAnonymous().WithTags("open-data").WithSummary("Lo que hay en un mes, en todas partes o en un lugar: reuniones, eventos y entregas").WithDescription("month es como 2027-05; sin él, este mes.");
        api.MapGet("/calendar/export", ExportCalendarAsync).WithName("ExportCalendar").AllowAnonymous().WithTags("open-data").Produces<string>(200, "text/csv").WithSummary("Un mes del calendario para una hoja de cálculo");
        api.MapGet("/places", PlacesAsync).WithName("GetPlacesData").AllowAnonymous().WithTags("open-data").Produces<string>(200, "application/geo+json").WithSummary("Los lugares de los que se sabe dónde están (GeoJSON)");
        api.MapGet("/places/export", ExportPlaces).WithName("ExportPlacesData").AllowAnonymous().WithTags("open-data").Produces<string>(200, "text/csv").WithSummary("Los mismos lugares para una hoja de cálculo");
    }

    private static async Task<Ok<List<CalendarEntry>>> CalendarAsync(NpgsqlDataSource database, TimeProvider time, string? month = null, string? place = null, CancellationToken cancellation = default) =>
        TypedResults.Ok(await Places.MonthAsync(database, Places.MonthOf(month, time), place, MostOfMonth, cancellation));

    private static async Task<PushStreamHttpResult> ExportCalendarAsync(NpgsqlDataSource database, TimeProvider time, string? month = null, string? place = null, CancellationToken cancellation = default) => Csv.File(
        "calendario.csv", ["id", "tipo", "titulo", "lugar", "comienza", "termina", "no_se_hara", "correccion"], (await Places.MonthAsync(database, Places.MonthOf(month, time), place, MostOfMonth, cancellation)).ToAsyncEnumerable(), static (csv, e) =>
        {
            csv.WriteField(e.Id.ToString());
            csv.WriteField(e.Kind);
            csv.WriteField(e.Title);
            csv.WriteField(e.Place);
            csv.WriteField(e.HasHour ? e.Starts.DayAndHour() : DateOnly.FromDateTime(e.Starts).Day());
            csv.WriteField(e.Ends?.DayAndHour() ?? "");
            csv.WriteField(e.IsOff ? "sí" : "");
            csv.WriteField(e.Correction ?? "");
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
    internal sealed record SubjectView(Guid Id, string Kind, string Title, string Place, Guid? Parent, DateTimeOffset ChangedAt, IReadOnlyDictionary<string, string> Facts, IReadOnlyList<string> Corrections)
    {
        public static SubjectView Example => new(
            Examples.Id, "project", "Agua potable para El Ensayo", "El Ensayo, Las Lomas, San Ensayo", Examples.OtherId, Examples.Instant, new Dictionary<string, string> { ["Estado"] = "En ejecución", ["Pagado"] = "$9,000.00" }, ["Se pagaron $900, no $9,000."]);
    }

    /// <summary>A table of a subject's page, in the words of the page.</summary>
    /// <param name="Name">By which it is asked for; the same whatever happens.</param>
    /// <param name="Title">As the page has it.</param>
    /// <param name="Head">Its columns.</param>
    /// <param name="Rows">In the order of the page.</param>
    internal sealed record TableView(string Name, string Title, IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows)
    {
        public static TableView Example => new("money", "El dinero", ["Qué", "Cuánto"], [["Aprobado", "$23,000.00"], ["Pagado", "$9,000.00"]]);

        public static IEnumerable<TableView> Of(Block block)
        {
            if (block.Rows.Count > 0)
                yield return new(block.Name, block.Title, block.Head, block.Rows);
            if (block.Pieces.Count > 0)
                yield return new(block.Rows.Count > 0 ? $"{block.Name}-notes" : block.Name, block.Title, ["Título", "Texto", "Foto"], [.. block.Pieces.Select(p => (IReadOnlyList<string>)[p.Title, p.Text, p.Photo ?? ""])]);
        }
    }

    internal sealed record NewsPage(IReadOnlyList<JsonNode> Items, string? Next)
    {
        public static NewsPage Example => new(WholeSubject.Example.Events, null);
    }

    internal sealed record WholeSubject(SubjectView Subject, IReadOnlyList<TableView> Tables, IReadOnlyList<JsonNode> Events, string? Next)
    {
        public static WholeSubject Example => new(SubjectView.Example, [TableView.Example], [JsonNode.Parse("""{"specversion":"1.0","type":"budget.project.created.v1"}""")!], null);
    }

    private const string Columns = "id, kind, title, place, parent, changed_at, ARRAY(SELECT c.words FROM correction c WHERE c.subject = subject.id ORDER BY c.happened_at, c.id)";

    private static SubjectView Read(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.IsDBNull(4) ? null : r.GetGuid(4), r.GetFieldValue<DateTimeOffset>(5), new Dictionary<string, string>(), r.GetFieldValue<string[]>(6));

    /// <summary>Which subjects: all where nothing is said.</summary>
    internal sealed record Wanted
    {
        /// <summary>Of one theme.</summary>
        [FromQuery(Name = "kind")]
        public string? Kind { get; init; }

        /// <summary>That lie in a place, as its page lists them.</summary>
        [FromQuery(Name = "place")]
        public string? Place { get; init; }

        /// <summary>That say some words, as the search finds them.</summary>
        [FromQuery(Name = "q")]
        public string? Q { get; init; }

        public const string Sql = "kind <> 'place' AND ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR id IN (SELECT lying_in($2))) AND ($3::text IS NULL OR id IN (SELECT f.id FROM saying($3) f))";

        public object?[] Parameters() => [Kind, Place, Q];

        public void Check()
        {
            Rule.That(Kind is null || SubjectContent.Labels.ContainsKey(Kind), "kind_unknown", "Ese tema no existe.");
            Rule.That(Place is not { Length: > 500 } && Q is not { Length: > 200 }, "filter_too_long", "Busque con menos palabras.");
        }
    }

    private static async Task<Ok<Page<SubjectView>>> ListAsync([AsParameters] Wanted wanted, NpgsqlDataSource database, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        wanted.Check();
        var size = Page.Size(limit);
        var subjects = await Rows.ReadAsync(
            database, $"SELECT {Columns} FROM subject WHERE {Wanted.Sql} AND ($4::uuid IS NULL OR id > $4) ORDER BY id LIMIT $5", [.. wanted.Parameters(), after, size + 1], Read, cancellation);
        return TypedResults.Ok(Page.Of(await WithFactsAsync(database, subjects, cancellation), size, s => s.Id.ToString()));
    }

    /// <summary>What the page of each says of it.</summary>
    private static async Task<List<SubjectView>> WithFactsAsync(NpgsqlDataSource database, List<SubjectView> subjects, CancellationToken cancellation)
    {
        var content = await ContentAsync(database, subjects, cancellation);
        return subjects.ConvertAll(s => WithFacts(s, content[s.Id]));
    }

    private static SubjectView WithFacts(SubjectView subject, SubjectContent content) =>
        subject with { Facts = content.Facts.GroupBy(f => f.Label).ToDictionary(g => g.Key, g => string.Join("; ", g.Select(f => f.Value))) };

    private static async Task<Dictionary<Guid, SubjectContent>> ContentAsync(NpgsqlDataSource database, IReadOnlyCollection<SubjectView> subjects, CancellationToken cancellation)
    {
        var newest = await Rows.ReadAsync(
            database, "SELECT id, type, subject, version, happened_at, line, NULL::uuid FROM newest WHERE subject = ANY ($1) ORDER BY version, happened_at, id", [subjects.Select(s => s.Id).ToArray()], EventIndex.Event, cancellation);
        var bySubject = newest.ToLookup(e => e.Subject);
        return subjects.ToDictionary(s => s.Id, s => new SubjectContent(s.Id, s.Kind, [.. bySubject[s.Id]]).Fill());
    }

    private static PushStreamHttpResult ExportAsync([AsParameters] Wanted wanted, NpgsqlDataSource database, CancellationToken cancellation)
    {
        wanted.Check();
        // Of one theme each fact has its column; of several, they stand together.
        var labels = wanted.Kind is null ? null : SubjectContent.Labels[wanted.Kind];
        return Csv.File($"{wanted.Kind ?? "asuntos"}.csv", ["id", "nombre", "lugar", "parte_de", "cambio", .. labels ?? ["tipo", "datos"], "correcciones"], AllAsync(wanted, database, cancellation), (csv, s) =>
        {
            csv.WriteField(s.Id.ToString());
            csv.WriteField(s.Title);
            csv.WriteField(s.Place);
            csv.WriteField(s.Parent?.ToString() ?? "");
            csv.WriteField(s.ChangedAt.DayAndHour());
            foreach (var value in labels?.Select(label => s.Facts.GetValueOrDefault(label, "")) ?? [s.Kind, string.Join("; ", s.Facts.Select(f => $"{f.Key}: {f.Value}"))])
                csv.WriteField(value);
            csv.WriteField(string.Join(' ', s.Corrections));
        });
    }

    private static async IAsyncEnumerable<SubjectView> AllAsync(Wanted wanted, NpgsqlDataSource database, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var (title, id) = ("", Guid.Empty); ;)
        {
            var some = await Rows.ReadAsync(
                database, $"SELECT {Columns} FROM subject WHERE {Wanted.Sql} AND (title, id) > ($4, $5) ORDER BY title, id LIMIT $6", [.. wanted.Parameters(), title, id, Page.MaximumSize], Read, cancellation);
            foreach (var subject in await WithFactsAsync(database, some, cancellation))
                yield return subject;
            if (some.Count < Page.MaximumSize)
                yield break;
            (title, id) = (some[^1].Title, some[^1].Id);
        }
    }

    private static Task<List<SubjectView>> FindAsync(NpgsqlDataSource database, Guid id, CancellationToken cancellation) => Rows.ReadAsync(database, $"SELECT {Columns} FROM subject WHERE id = $1", [id], Read, cancellation);

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportTableAsync(Guid id, string table, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var found = await FindAsync(database, id, cancellation);
        return (await ContentAsync(database, found, cancellation)).GetValueOrDefault(id)?.Blocks.SelectMany(TableView.Of).FirstOrDefault(t => t.Name == table) is not { } wanted
            ? Problems.NotFound()
            : Csv.File($"{table}-{id}.csv", [.. wanted.Head], wanted.Rows.ToAsyncEnumerable(), static (csv, row) =>
            {
                foreach (var cell in row)
                    csv.WriteField(cell);
            });
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportSubjectAsync(Guid id, NpgsqlDataSource database, CancellationToken cancellation) =>
        await FindAsync(database, id, cancellation) is [] ? Problems.NotFound() : EventsFile($"{id}.csv", Told.StreamAsync(database, "e.subject = $1 ORDER BY e.happened_at, e.id", [id], cancellation));

    private static PushStreamHttpResult ExportNewsAsync(NpgsqlDataSource database, TimeProvider time, string? month = null, CancellationToken cancellation = default)
    {
        var first = Places.MonthOf(month, time);
        return EventsFile($"novedades-{first:yyyy-MM}.csv", Told.StreamAsync(
            database, "e.happened_at >= $1 AND e.happened_at < $2 ORDER BY e.happened_at, e.id", [new DateTimeOffset(first, LocalTime.Offset).ToUniversalTime(), new DateTimeOffset(first.AddMonths(1), LocalTime.Offset).ToUniversalTime()], cancellation));
    }

    private static PushStreamHttpResult EventsFile(string name, IAsyncEnumerable<Told> events) => Csv.File(
        name, ["id", "fecha", "tipo", "version", "dice", "corrige", "retirado", "asunto", "nombre"], events, static (csv, row) =>
        {
            var (e, _, title) = row;
            csv.WriteField(e.Id.ToString());
            csv.WriteField(e.HappenedAt.DayAndHour());
            csv.WriteField(e.Type);
            csv.WriteField(e.Version);
            csv.WriteField(Sentences.Of(e));
            csv.WriteField(e.About?.ToString() ?? "");
            csv.WriteField(e.Leaf is null ? "" : Convert.ToHexStringLower(e.Leaf));
            csv.WriteField(e.Subject.ToString());
            csv.WriteField(title);
        });

    private static async Task<Ok<NewsPage>> NewsAsync(NpgsqlDataSource database, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var (at, id) = Shown.After(after, new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var events = await Rows.ReadAsync(
            database, $"SELECT {Rows.Event} FROM told e WHERE (e.happened_at, e.id) < ($1, $2) ORDER BY e.happened_at DESC, e.id DESC LIMIT $3", [at, id, size + 1], EventIndex.Event, cancellation);
        var page = Page.Of(events, size, Shown.CursorOf);
        return TypedResults.Ok(new NewsPage([.. page.Items.Select(e => JsonNode.Parse(e.Line)!)], page.Next));
    }

    private static async Task<Results<Ok<WholeSubject>, ProblemHttpResult>> GetAsync(Guid id, NpgsqlDataSource database, string? after = null, CancellationToken cancellation = default)
    {
        if (await FindAsync(database, id, cancellation) is not [var subject])
            return Problems.NotFound();
        var (at, last) = Shown.After(after, DateTimeOffset.UnixEpoch);
        var events = await Rows.ReadAsync(
            database, $"SELECT {Rows.Event} FROM told e WHERE e.subject = $1 AND (e.happened_at, e.id) > ($2, $3) ORDER BY e.happened_at, e.id LIMIT $4", [id, at, last, MostTold + 1], EventIndex.Event, cancellation);
        var shown = events.Take(MostTold).ToList();
        var content = (await ContentAsync(database, [subject], cancellation))[id];
        return TypedResults.Ok(new WholeSubject(
            WithFacts(subject, content), [.. content.Blocks.SelectMany(TableView.Of)], [.. shown.Select(e => JsonNode.Parse(e.Line)!)], events.Count > MostTold ? Shown.CursorOf(shown[^1]) : null));
    }
}
