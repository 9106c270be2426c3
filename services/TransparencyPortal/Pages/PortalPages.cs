using System.Globalization;
using Npgsql;
using ProyeccionSocial.News;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Events;
using ProyeccionSocial.TransparencyPortal.History;
using static ProyeccionSocial.TransparencyPortal.Pages.Shown;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>What residents read first: what is new, each theme, each subject, the search. Rendered here, without script, from the events and their index.</summary>
internal static class PortalPages
{
    private const int MostTold = 50;
    private const int MostParts = 2000;
    private const int MostChildren = 500;

    public static void MapPortalPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/", StartAsync).WithName("GetStart").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Inicio del portal: temas y lo más reciente");
        pages.MapGet("/portal/buscar", SearchAsync).WithName("Search").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Buscar en todo lo publicado, también dentro de actas, respuestas y noticias");
        pages.MapGet("/portal/historia", HistoryAsync).WithName("GetHistory").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Los últimos sellos de la historia");
        pages.MapGet("/portal/datos", DataAsync).WithName("GetOpenData").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Datos abiertos, con su licencia");
        pages.MapGet("/portal/{slug}", ListAsync).WithName("GetKind").AllowAnonymous().Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Lo que hay de un tema, lo último primero");
        pages.MapGet("/portal/{slug}/{id:guid}", SubjectAsync).WithName("GetSubjectPage").AllowAnonymous().Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("La página de una asociación, una obra, una reunión…");
        pages.MapGet("/portal/a/{id:guid}", ShortAsync).WithName("GetShortAddress").AllowAnonymous().Produces(303).Produces<string>(404, "text/html").WithSummary("La dirección corta de una página, como va en los códigos QR");
        pages.MapGet("/portal/periodico-mural/{id:guid}/imprimir", PrintEditionAsync).WithName("PrintPublicEdition").AllowAnonymous().Produces<string>(200, "text/html").Produces<string>(404, "text/html")
            .WithSummary("Una edición del periódico mural para imprimir, con los sellos de la historia").WithDescription("papel es a3 o carta.");
    }

    private static async Task<IResult> StartAsync(NpgsqlDataSource database, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var counts = (await Rows.ReadAsync(database, "SELECT kind, count(*) FROM subject GROUP BY kind", [], r => (Kind: r.GetString(0), Count: r.GetInt64(1)), cancellation)).ToDictionary(c => c.Kind, c => c.Count);
        return Page<StartPage>(http, new()
        {
            ["Kinds"] = (IReadOnlyList<KindLine>)[.. Kind.All.Select(k => new KindLine(k.Name, k.Slug, k.Title, k.About, SubjectPaper.Count(counts.GetValueOrDefault(k.Name))))],
            ["Latest"] = await LatestAsync(database, 12, cancellation), ["Coming"] = await Places.DatesAsync(database, time.GetUtcNow().Local().Date, null, null, 5, cancellation),
        });
    }

    private static async Task<List<NewsLine>> LatestAsync(NpgsqlDataSource database, int most, CancellationToken cancellation) => await Rows.ReadAsync(
        database, $"SELECT {Rows.Event}, s.kind, s.title FROM told e JOIN subject s ON s.id = e.subject WHERE e.type <> ALL ($2) ORDER BY e.happened_at DESC, e.id DESC LIMIT $1", [most, Kind.Routine],
        r => SubjectPaper.Line(EventIndex.Event(r), r.GetString(8), Kind.AddressOf(r.GetString(7), r.GetGuid(2))), cancellation);

    private static async Task<IResult> ListAsync(string slug, NpgsqlDataSource database, HttpContext http, string? after = null, CancellationToken cancellation = default)
    {
        if (Kind.BySlug(slug) is not { } kind)
            return Missing(http);
        var (at, id) = After(after);
        var lines = await Rows.ReadAsync(
            database, "SELECT id, kind, title, place, changed_at FROM subject WHERE kind = $1 AND (changed_at, id) < ($2, $3) ORDER BY changed_at DESC, id DESC LIMIT $4",
            [kind.Name, at, id, MostLines + 1], r => (Id: r.GetGuid(0), Line: Line(r), At: r.GetFieldValue<DateTimeOffset>(4)), cancellation);
        var next = lines.Count > MostLines ? $"/portal/{slug}?after={Cursor(lines[MostLines - 1].At, lines[MostLines - 1].Id)}" : null;
        var shown = lines.Take(MostLines).ToList();
        var notes = await NotesAsync(database, shown.ConvertAll(l => (l.Id, kind.Name)), cancellation);
        return Page<ListPage>(http, new()
        {
            ["Heading"] = kind.Title, ["About"] = kind.About, ["Next"] = next, ["Data"] = $"kind={kind.Name}", ["Groups"] = Group(shown.Select(l => l.Line with { Note = notes.GetValueOrDefault(l.Id, "") })),
        });
    }

    private static async Task<IResult> SearchAsync(NpgsqlDataSource database, HttpContext http, string? q = null, CancellationToken cancellation = default)
    {
        var wanted = (q ?? "").Trim();
        var isWanted = wanted.Length is > 0 and <= 200;
        var found = !isWanted ? [] : await Rows.ReadAsync(
            database,
            "SELECT s.id, s.kind, s.title, s.place FROM saying($1) f JOIN subject s ON s.id = f.id ORDER BY f.rank DESC, s.changed_at DESC, s.id LIMIT $2",
            [wanted, MostLines], Line, cancellation);
        var places = !isWanted ? [] : await Rows.ReadAsync(
            database,
            """
            SELECT coalesce(l.path, s.place) FROM subject s LEFT JOIN place l ON l.id = s.place_id
            WHERE (s.place_id IS NOT NULL OR s.place LIKE '%, %') AND words @@ websearch_to_tsquery('spanish', plain($1)) AND to_tsvector('spanish', plain(coalesce(l.path, s.place))) @@ websearch_to_tsquery('spanish', plain($1)) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 10
            """,
            [wanted], r => new SubjectLine(r.GetString(0), Places.AddressOf(r.GetString(0)), ""), cancellation);
        return Page<ListPage>(http, new()
        {
            ["Heading"] = wanted.Length == 0 ? "Buscar" : $"Resultados de «{wanted}»", ["Query"] = wanted, ["Data"] = isWanted ? $"q={Uri.EscapeDataString(wanted)}" : null, ["Groups"] = (IReadOnlyList<SubjectGroup>)[.. Group(places, "Lugares"), .. Group(found, "Páginas")],
        });
    }

    private sealed record Found(string Kind, string Title, string Place, SubjectLine? Parent, bool IsPlace);

    private static async Task<Found?> FindAsync(NpgsqlDataSource database, Guid id, CancellationToken cancellation) => (await Rows.ReadAsync(
        database, "SELECT s.kind, s.title, coalesce(l.path, s.place), p.id, p.kind, p.title, s.place_id IS NOT NULL OR s.place LIKE '%, %' FROM subject s LEFT JOIN subject p ON p.id = s.parent LEFT JOIN place l ON l.id = s.place_id WHERE s.id = $1", [id],
        r => new Found(r.GetString(0), r.GetString(1), r.GetString(2), r.IsDBNull(3) ? null : new SubjectLine(r.GetString(5), Kind.AddressOf(r.GetString(4), r.GetGuid(3)), ""), r.GetBoolean(6)), cancellation)).SingleOrDefault();

    private static async Task<IResult> ShortAsync(Guid id, NpgsqlDataSource database, HttpContext http, CancellationToken cancellation) => await FindAsync(database, id, cancellation) switch
    {
        null => Missing(http),
        { Kind: "place" } place => new SeeOther(Places.AddressOf(place.Place)),
        { Kind: "other" } => new SeeOther($"/portal/otros/{id}"),
        var found => new SeeOther(Kind.AddressOf(found.Kind, id)),
    };

    private static async Task<IResult> SubjectAsync(string slug, Guid id, NpgsqlDataSource database, HttpContext http, string? before = null, CancellationToken cancellation = default)
    {
        if (await FindAsync(database, id, cancellation) is not { } subject || (Kind.BySlug(slug)?.Name ?? "other") != subject.Kind)
            return Missing(http);
        var (at, last) = After(before);
        var events = await Rows.ReadAsync(
            database, $"SELECT {Rows.Event} FROM told e WHERE e.subject = $1 AND (e.happened_at, e.id) < ($2, $3) ORDER BY e.happened_at DESC, e.id DESC LIMIT $4", [id, at, last, MostTold + 1], EventIndex.Event, cancellation);
        var newest = await NewestAsync(database, id, cancellation);
        var children = await Rows.ReadAsync(
            database, "SELECT id, kind, title, place FROM subject WHERE parent = $1 ORDER BY changed_at DESC, id LIMIT $2", [id, MostChildren], r => (Id: r.GetGuid(0), Kind: r.GetString(1), Line: Line(r)), cancellation);
        // A proposal that became works leads there; they name it, not it them.
        var works = subject.Kind != "proposal" ? [] : await Rows.ReadAsync(
            database, "SELECT s.id, s.kind, s.title, s.place FROM newest n JOIN subject s ON s.id = n.subject WHERE n.type = 'budget.project.created.v1' AND n.line::jsonb #>> '{data,proposalId}' = $1", [id.ToString()], Line, cancellation);
        var besides = await NotesAsync(database, children.ConvertAll(c => (c.Id, c.Kind)), cancellation);
        var shown = events.Take(MostTold).ToList();
        var notes = await CorrectionsAsync(database, shown, cancellation);
        var corrections = await Rows.ReadAsync(database, "SELECT happened_at, words FROM correction WHERE subject = $1 ORDER BY happened_at, id", [id], r => $"Corrección del {r.GetFieldValue<DateTimeOffset>(0).LocalDate().Day()}: {r.GetString(1)}", cancellation);
        var content = new SubjectContent(id, subject.Kind, newest).Fill();
        var more = events.Count > MostTold ? $"/portal/{slug}/{id}?before={Cursor(shown[^1].HappenedAt, shown[^1].Id)}" : null;
        return Page<SubjectPage>(http, new()
        {
            ["Subject"] = new SubjectPaper(
                id, subject.Kind, subject.Title, subject.Place, subject.IsPlace ? Places.AddressOf(subject.Place) : null, corrections, content.Facts, content.Blocks, content.Links,
                [.. content.Blocks.SelectMany(OpenData.TableView.Of).Select(t => (t.Name, t.Title))],
                [.. subject.Parent is null ? [] : Group([subject.Parent], "Es parte de"), .. Group(works, "Su obra"), .. Kind.All.SelectMany(k => Group(children.Where(c => c.Kind == k.Name).Select(c => c.Line with { Note = besides.GetValueOrDefault(c.Id, "") }), k.Title))],
                shown.ConvertAll(e => SubjectPaper.Line(e, note: notes.GetValueOrDefault(e.Id))), more),
        });
    }

    private static Task<List<PublicEvent>> NewestAsync(NpgsqlDataSource database, Guid id, CancellationToken cancellation) => Rows.ReadAsync(
        database, "SELECT id, type, subject, version, happened_at, line, NULL::uuid FROM newest WHERE subject = $1 ORDER BY version, happened_at, id LIMIT $2", [id, MostParts], EventIndex.Event, cancellation);

    /// <summary>What was said later of the events that are shown: that they were wrong in something.</summary>
    private static async Task<Dictionary<Guid, string>> CorrectionsAsync(NpgsqlDataSource database, List<PublicEvent> shown, CancellationToken cancellation)
    {
        var notes = await Rows.ReadAsync(
            database, $"SELECT {Rows.Event} FROM told e WHERE e.about = ANY ($1) ORDER BY e.happened_at, e.id", [shown.Where(e => e.About is null && e.Leaf is null).Select(e => e.Id).ToArray()], EventIndex.Event, cancellation);
        return notes.Where(n => n.IsCorrection).GroupBy(n => n.About!.Value).ToDictionary(g => g.Key, g => string.Join(' ', g.Select(n => $"Corregido el {n.HappenedAt.LocalDate().Day()}: {n.Data.Text("correction")}")));
    }

    private static async Task<IResult> PrintEditionAsync(Guid id, NpgsqlDataSource database, HttpContext http, IConfiguration configuration, string? papel = null, CancellationToken cancellation = default)
    {
        var newest = await NewestAsync(database, id, cancellation);
        if (newest.LastOrDefault(e => e.Type == "agenda.wall-newspaper.approved.v1")?.Data is not { } approved)
            return Missing(http);
        var seals = await Rows.ReadAsync(
            database, "SELECT DISTINCT ON (source) source, encode(seal, 'hex'), number, day FROM block ORDER BY source, number DESC", [],
            r => (Name: $"{SourceTitles.GetValueOrDefault(r.GetString(0), r.GetString(0))}, bloque {r.GetInt32(2)} del {r.GetFieldValue<DateOnly>(3).Day()}", Seal: r.GetString(1)), cancellation);
        var corrections = await Rows.ReadAsync(
            database, $"SELECT {Rows.Event} FROM told e WHERE e.about = ANY ($1) ORDER BY e.happened_at, e.id", [newest.Where(e => e.Type == "agenda.wall-newspaper.approved.v1").Select(e => e.Id).ToArray()], EventIndex.Event, cancellation);
        return Html.Page<NewspaperSheet>(http, new()
        {
            ["Large"] = papel == "a3", ["Edition"] = approved.Text("edition"), ["IssuedAt"] = approved.Text("issuedAt"), ["Items"] = (IReadOnlyList<NewspaperPiece>)[.. corrections.Where(c => c.IsCorrection).Select(c => new NewspaperPiece("notices", "Corrección a esta edición", c.Data.Text("correction"), null)), .. SubjectContent.PiecesOf(approved)], ["Home"] = HomeOf(http, configuration), ["Seals"] = (IReadOnlyList<(string, string)>)seals,
            ["Month"] = DateOnly.Parse(approved.Text("month"), CultureInfo.InvariantCulture), ["Date"] = DateOnly.Parse(approved.Text("approvedOn"), CultureInfo.InvariantCulture),
        });
    }

    private static readonly Dictionary<string, string> SourceTitles = new()
    {
        ["organizations"] = "Asociaciones y comités", ["agenda"] = "Reuniones, eventos y plan", ["budget"] = "Presupuesto participativo y obras", ["distribution"] = "Paquetes agrícolas",
    };

    private static async Task<IResult> HistoryAsync(NpgsqlDataSource database, HttpContext http, CancellationToken cancellation)
    {
        var sources = new List<SealedSource>();
        foreach (var source in FeedClient.Sources)
        {
            var blocks = await HistoryEndpoints.BlocksAsync(database, source, int.MaxValue, 10, cancellation);
            sources.Add(new(source, SourceTitles[source], blocks.ConvertAll(b => new SealedBlock(b.Number, b.Day.Day(), b.Last - b.First + 1, b.Seal, b.Root))));
        }
        return Page<HistoryPage>(http, new() { ["Sources"] = sources });
    }

    private static async Task<IResult> DataAsync(NpgsqlDataSource database, HttpContext http, TimeProvider time, CancellationToken cancellation) => Page<DataPage>(http, new()
    {
        ["Kinds"] = (IReadOnlyList<KindLine>)[.. Kind.All.Select(k => new KindLine(k.Name, k.Slug, k.Title, k.About, ""))],
        ["Archives"] = (IReadOnlyList<(string, string)>)(await Archives.AllAsync(database, time, null, 40, cancellation)).ConvertAll(a => (a.Quarter, EventData.Some(a.Events, "evento", "eventos") + (a.IsFinal ? "" : ", todavía crece"))),
    });
}
