using System.Globalization;
using System.Xml;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ProyeccionSocial.News;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Events;
using ProyeccionSocial.TransparencyPortal.History;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>What residents read. Rendered here, without script, from the events and their index.</summary>
internal static class PortalPages
{
    private const int MostLines = 50;
    private const int MostTold = 100;
    private const int MostParts = 2000;

    public static void MapPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("").WithTags("pages");
        pages.MapGet("/", StartAsync).WithName("GetStart").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Inicio del portal: temas y lo más reciente");
        pages.MapGet("/portal/buscar", SearchAsync).WithName("Search").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Buscar en todo lo publicado");
        pages.MapGet("/portal/lugar", PlaceAsync).WithName("GetPlace").AllowAnonymous().Produces<string>(200, "text/html").Produces(303).WithSummary("Todo lo de un lugar y de los que contiene; escrito de otro modo, lleva a su página");
        pages.MapGet("/portal/historia", HistoryAsync).WithName("GetHistory").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Los últimos sellos de la historia");
        pages.MapGet("/portal/datos", DataAsync).WithName("GetOpenData").AllowAnonymous().Produces<string>(200, "text/html").WithSummary("Datos abiertos, con su licencia");
        pages.MapGet("/portal/novedades.atom", FeedAsync).WithName("GetNews").AllowAnonymous().Produces<string>(200, "application/atom+xml").WithSummary("Lo más reciente, en Atom");
        pages.MapGet("/portal/{slug}", ListAsync).WithName("GetKind").AllowAnonymous().Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Lo que hay de un tema, lo último primero");
        pages.MapGet("/portal/{slug}/{id:guid}", SubjectAsync).WithName("GetSubjectPage").AllowAnonymous().Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("La página de una asociación, una obra, una reunión…");
    }

    private static RazorComponentResult<TPage> Page<TPage>(HttpContext http, Dictionary<string, object?> parameters, int status = 200)
        where TPage : IComponent
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        return new RazorComponentResult<TPage>(parameters) { StatusCode = status, PreventStreamingRendering = true };
    }

    private static async Task<IResult> StartAsync(NpgsqlDataSource database, HttpContext http, CancellationToken cancellation) =>
        Page<StartPage>(http, new() { ["Kinds"] = await KindsAsync(database, cancellation), ["Latest"] = await LatestAsync(database, 15, cancellation) });

    private static async Task<IReadOnlyList<KindLine>> KindsAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var counts = await Rows.ReadAsync(database, "SELECT kind, count(*) FROM subject GROUP BY kind", [], r => (r.GetString(0), r.GetInt64(1)), cancellation);
        return [.. Kind.All.Select(k => new KindLine(k.Name, k.Slug, k.Title, k.About, SubjectPaper.Count(counts.Where(c => c.Item1 == k.Name).Sum(c => c.Item2))))];
    }

    private static async Task<List<NewsLine>> LatestAsync(NpgsqlDataSource database, int most, CancellationToken cancellation) => await Rows.ReadAsync(
        database, $"SELECT {Rows.Event}, s.kind, s.title FROM told e JOIN subject s ON s.id = e.subject ORDER BY e.happened_at DESC, e.id DESC LIMIT $1", [most],
        r => SubjectPaper.Line(EventIndex.Event(r), r.GetString(8), Kind.AddressOf(r.GetString(7), r.GetGuid(2))), cancellation);

    private static SubjectLine Line(NpgsqlDataReader r) => new(r.GetString(2), Kind.AddressOf(r.GetString(1), r.GetGuid(0)), r.GetString(3));

    private static async Task<IResult> ListAsync(string slug, NpgsqlDataSource database, HttpContext http, string? after = null, CancellationToken cancellation = default)
    {
        if (Kind.BySlug(slug) is not { } kind)
            return Page<SubjectPage>(http, [], 404);
        var (at, id) = after?.Split('|') is [var time, var key] && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var moment) && Guid.TryParse(key, out var last) ? (moment.ToUniversalTime(), last) : (DateTimeOffset.MaxValue, Guid.Empty);
        var lines = await Rows.ReadAsync(
            database, "SELECT id, kind, title, place, changed_at FROM subject WHERE kind = $1 AND ($4 OR (changed_at, id) < ($2, $3)) ORDER BY changed_at DESC, id DESC LIMIT $5",
            [kind.Name, at == DateTimeOffset.MaxValue ? DateTimeOffset.UnixEpoch : at, id, at == DateTimeOffset.MaxValue, MostLines + 1], r => (Line(r), At: r.GetFieldValue<DateTimeOffset>(4), Id: r.GetGuid(0)), cancellation);
        var next = lines.Count > MostLines ? $"/portal/{slug}?after={Uri.EscapeDataString($"{lines[MostLines - 1].At:O}|{lines[MostLines - 1].Id}")}" : null;
        return Page<ListPage>(http, new()
        {
            ["Heading"] = kind.Title, ["About"] = kind.About, ["Next"] = next, ["Groups"] = Group(lines.Take(MostLines).Select(l => l.Item1)),
        });
    }

    private static IReadOnlyList<SubjectGroup> Group(IEnumerable<SubjectLine> lines, string? title = null) => lines.ToList() is { Count: > 0 } some ? [new(title, some)] : [];

    private static async Task<IResult> SearchAsync(NpgsqlDataSource database, HttpContext http, string? q = null, CancellationToken cancellation = default)
    {
        var wanted = (q ?? "").Trim();
        var found = wanted.Length is 0 or > 200 ? [] : await Rows.ReadAsync(
            database, "SELECT id, kind, title, place FROM subject WHERE words @@ websearch_to_tsquery('spanish', $1) ORDER BY ts_rank(words, websearch_to_tsquery('spanish', $1)) DESC, changed_at DESC, id LIMIT $2",
            [wanted, MostLines], Line, cancellation);
        var places = wanted.Length is 0 or > 200 ? [] : await Rows.ReadAsync(
            database,
            """
            SELECT coalesce(l.path, s.place) FROM subject s LEFT JOIN place l ON l.id = s.place_id
            WHERE words @@ websearch_to_tsquery('spanish', $1) AND to_tsvector('spanish', coalesce(l.path, s.place)) @@ websearch_to_tsquery('spanish', $1) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 10
            """,
            [wanted], r => new SubjectLine(r.GetString(0), PlaceAddress(r.GetString(0)), ""), cancellation);
        return Page<ListPage>(http, new()
        {
            ["Heading"] = wanted.Length == 0 ? "Buscar" : $"Resultados de «{wanted}»", ["Query"] = wanted, ["Groups"] = (IReadOnlyList<SubjectGroup>)[.. Group(places, "Lugares"), .. Group(found, "Páginas")],
        });
    }

    private static string PlaceAddress(string place) => $"/portal/lugar?nombre={Uri.EscapeDataString(place)}";

    private static async Task<IResult> PlaceAsync(NpgsqlDataSource database, HttpContext http, string? nombre = null, CancellationToken cancellation = default)
    {
        var place = (nombre ?? "").Trim();
        // One place has one page, however its path was written.
        if (place.Length is > 0 and <= 500 && await Rows.ReadAsync(
                database, "SELECT path FROM place WHERE lies_in(path, $1) AND lies_in($1, path) ORDER BY told_at DESC, told_by DESC LIMIT 1", [place], r => r.GetString(0), cancellation) is [var known] && known != place)
            return new SeeOther(PlaceAddress(known));
        // The place itself, and those that it contains: they name it after themselves.
        var lines = place.Length is 0 or > 500 ? [] : await Rows.ReadAsync(
            database,
            """
            SELECT id, kind, title, place FROM (
                SELECT id, kind, title, place, row_number() OVER (PARTITION BY kind ORDER BY changed_at DESC, id) AS line FROM subject
                WHERE place_id IN (SELECT id FROM place WHERE lies_in(path, $1)) OR (place_id IS NULL AND place <> '' AND lies_in(place, $1))) s
            WHERE line <= $2
            """, [place, MostLines], r => (Kind: r.GetString(1), Line: Line(r)), cancellation);
        return Page<ListPage>(http, new()
        {
            ["Heading"] = place.Length == 0 ? "Su comunidad" : place, ["Groups"] = (IReadOnlyList<SubjectGroup>)[.. Kind.All.SelectMany(k => Group(lines.Where(l => l.Kind == k.Name).Select(l => l.Line), k.Title))],
        });
    }

    private static async Task<IResult> SubjectAsync(string slug, Guid id, NpgsqlDataSource database, HttpContext http, CancellationToken cancellation)
    {
        var found = await Rows.ReadAsync(
            database, "SELECT s.kind, s.title, coalesce(l.path, s.place), p.id, p.kind, p.title FROM subject s LEFT JOIN subject p ON p.id = s.parent LEFT JOIN place l ON l.id = s.place_id WHERE s.id = $1", [id],
            r => (Kind: r.GetString(0), Title: r.GetString(1), Place: r.GetString(2), Parent: r.IsDBNull(3) ? null : new SubjectLine(r.GetString(5), Kind.AddressOf(r.GetString(4), r.GetGuid(3)), "")), cancellation);
        if (found is not [var subject] || Kind.BySlug(slug)?.Name is { } name && name != subject.Kind)
            return Page<SubjectPage>(http, [], 404);
        var events = await Rows.ReadAsync(database, $"SELECT {Rows.Event} FROM told e WHERE e.subject = $1 ORDER BY e.happened_at DESC, e.id DESC LIMIT $2", [id, MostTold], EventIndex.Event, cancellation);
        var newest = await Rows.ReadAsync(database, "SELECT id, type, subject, version, happened_at, line, NULL::uuid FROM newest WHERE subject = $1 ORDER BY version, happened_at, id LIMIT $2", [id, MostParts], EventIndex.Event, cancellation);
        var children = await Rows.ReadAsync(
            database, "SELECT id, kind, title, place FROM subject WHERE parent = $1 ORDER BY changed_at DESC, id LIMIT $2", [id, MostTold], r => (Kind: r.GetString(1), Line: Line(r)), cancellation);
        return Page<SubjectPage>(http, new()
        {
            ["Subject"] = new SubjectPaper(
                id, subject.Title, subject.Place, PlaceAddress(subject.Place), SubjectPaper.FactsOf(subject.Kind, newest),
                [.. subject.Parent is null ? [] : Group([subject.Parent], "Es parte de"), .. Kind.All.SelectMany(k => Group(children.Where(c => c.Kind == k.Name).Select(c => c.Line), k.Title))],
                events.ConvertAll(e => SubjectPaper.Line(e))),
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
            sources.Add(new(source, SourceTitles[source], blocks.ConvertAll(b => new SealedBlock(b.Number, b.Day.Day(), b.Last - b.First + 1, b.Seal))));
        }
        return Page<HistoryPage>(http, new() { ["Sources"] = sources });
    }

    private static async Task<IResult> DataAsync(NpgsqlDataSource database, HttpContext http, TimeProvider time, CancellationToken cancellation) => Page<DataPage>(http, new()
    {
        ["Kinds"] = await KindsAsync(database, cancellation),
        ["Archives"] = (IReadOnlyList<(string, string)>)(await Archives.AllAsync(database, time, null, 40, cancellation)).ConvertAll(a => (a.Quarter, EventData.Some(a.Events, "evento", "eventos") + (a.IsFinal ? "" : ", todavía crece"))),
    });

    private static async Task<IResult> FeedAsync(NpgsqlDataSource database, HttpContext http, IConfiguration configuration, CancellationToken cancellation)
    {
        var home = (configuration["PublicUrl"] ?? $"{http.Request.Scheme}://{http.Request.Host}").TrimEnd('/');
        var news = await Rows.ReadAsync(
            database, $"SELECT {Rows.Event}, s.kind, s.title FROM told e JOIN subject s ON s.id = e.subject ORDER BY e.happened_at DESC, e.id DESC LIMIT 50", [],
            r => (Told: EventIndex.Event(r), Kind: r.GetString(7), Title: r.GetString(8)), cancellation);
        var text = new StringWriter();
        await using (var xml = XmlWriter.Create(text, new() { Async = true, OmitXmlDeclaration = true }))
        {
            await xml.WriteStartElementAsync(null, "feed", "http://www.w3.org/2005/Atom");
            xml.WriteElementString("title", "Transparencia municipal: lo nuevo");
            xml.WriteElementString("id", $"{home}/portal/novedades.atom");
            xml.WriteElementString("updated", XmlConvert.ToString(news.Select(n => n.Told.HappenedAt).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max()));
            foreach (var (told, kind, title) in news)
            {
                xml.WriteStartElement("entry");
                xml.WriteElementString("title", title);
                xml.WriteElementString("id", $"urn:uuid:{told.Id}");
                xml.WriteElementString("updated", XmlConvert.ToString(told.HappenedAt));
                xml.WriteStartElement("author");
                xml.WriteElementString("name", "Unidad de Proyección Social");
                xml.WriteEndElement();
                xml.WriteStartElement("link");
                xml.WriteAttributeString("href", $"{home}{Kind.AddressOf(kind, told.Subject)}");
                xml.WriteEndElement();
                xml.WriteElementString("summary", Sentences.Of(told));
                xml.WriteEndElement();
            }
            await xml.WriteEndElementAsync();
        }
        return TypedResults.Text(text.ToString(), "application/atom+xml; charset=utf-8");
    }
}
