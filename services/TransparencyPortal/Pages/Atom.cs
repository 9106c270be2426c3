using System.Xml;
using Npgsql;
using ProyeccionSocial.News;
using ProyeccionSocial.TransparencyPortal.Events;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>What is new, for feed readers: of everything, of a theme, or of one subject.</summary>
internal static class Atom
{
    private const int Most = 50;

    public static void MapAtom(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/portal/novedades.atom", (NpgsqlDataSource database, HttpContext http, IConfiguration configuration, CancellationToken cancellation) => GiveAsync(null, null, database, http, configuration, cancellation))
            .WithName("GetNews").AllowAnonymous().Produces<string>(200, "application/atom+xml").WithSummary("Lo más reciente, en Atom");
        pages.MapGet("/portal/{slug}/novedades.atom", (string slug, NpgsqlDataSource database, HttpContext http, IConfiguration configuration, CancellationToken cancellation) =>
                Kind.BySlug(slug) is { } kind ? GiveAsync(kind, null, database, http, configuration, cancellation) : Task.FromResult<IResult>(Shown.Missing(http)))
            .WithName("GetNewsOfKind").AllowAnonymous().Produces<string>(200, "application/atom+xml").Produces<string>(404, "text/html").WithSummary("Lo más reciente de un tema, en Atom");
        pages.MapGet("/portal/{slug}/{id:guid}/novedades.atom", (string slug, Guid id, NpgsqlDataSource database, HttpContext http, IConfiguration configuration, CancellationToken cancellation) =>
                Kind.BySlug(slug) is { } kind ? GiveAsync(kind, id, database, http, configuration, cancellation) : Task.FromResult<IResult>(Shown.Missing(http)))
            .WithName("GetNewsOfSubject").AllowAnonymous().Produces<string>(200, "application/atom+xml").Produces<string>(404, "text/html").WithSummary("Lo más reciente de un asunto, en Atom");
    }

    private static async Task<IResult> GiveAsync(Kind? kind, Guid? subject, NpgsqlDataSource database, HttpContext http, IConfiguration configuration, CancellationToken cancellation)
    {
        var home = Shown.HomeOf(http, configuration).AbsoluteUri.TrimEnd('/');
        // One subject's events have an index; a theme's newest are of the subjects that changed last.
        var news = await Rows.ReadAsync(
            database,
            $"""
            SELECT {Rows.Event}, s.kind, s.title, greatest(e.happened_at, (SELECT max(n.happened_at) FROM event n WHERE n.about = e.id)) FROM {(kind is null ? "told e JOIN subject s ON s.id = e.subject" : """
                (SELECT id, kind, title FROM subject WHERE kind = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY changed_at DESC, id DESC LIMIT $3) s
                CROSS JOIN LATERAL (SELECT * FROM told t WHERE t.subject = s.id ORDER BY t.happened_at DESC, t.id DESC LIMIT $3) e
                """)}
            WHERE $1::text IS NOT NULL OR ($2::uuid IS NULL AND e.type <> ALL ($4)) ORDER BY e.happened_at DESC, e.id DESC LIMIT $3
            """,
            [kind?.Name, subject, Most, Kind.Routine], r => (Told: EventIndex.Event(r), Kind: r.GetString(7), Title: r.GetString(8), Updated: r.GetFieldValue<DateTimeOffset>(9)), cancellation);
        if (subject is not null && news.Count == 0)
            return Shown.Missing(http);
        var text = new StringWriter();
        await using (var xml = XmlWriter.Create(text, new() { Async = true, OmitXmlDeclaration = true }))
        {
            await xml.WriteStartElementAsync(null, "feed", "http://www.w3.org/2005/Atom");
            xml.WriteElementString("title", $"Transparencia municipal: {(subject is null ? kind?.Title ?? "lo nuevo" : news[0].Title)}");
            xml.WriteElementString("id", $"{home}{http.Request.Path}");
            xml.WriteStartElement("link");
            xml.WriteAttributeString("rel", "self");
            xml.WriteAttributeString("href", $"{home}{http.Request.Path}");
            xml.WriteEndElement();
            xml.WriteElementString("updated", XmlConvert.ToString(news.Select(n => n.Updated).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max()));
            foreach (var (told, of, title, updated) in news)
            {
                xml.WriteStartElement("entry");
                xml.WriteElementString("title", title);
                xml.WriteElementString("id", $"urn:uuid:{told.Id}");
                xml.WriteElementString("updated", XmlConvert.ToString(updated)); // What was corrected or taken back is read again.
                xml.WriteStartElement("author");
                xml.WriteElementString("name", "Unidad de Proyección Social");
                xml.WriteEndElement();
                xml.WriteStartElement("link");
                xml.WriteAttributeString("href", $"{home}{Kind.AddressOf(of, told.Subject)}");
                xml.WriteEndElement();
                xml.WriteElementString("summary", Sentences.Of(told));
                xml.WriteEndElement();
            }
            await xml.WriteEndElementAsync();
        }
        return TypedResults.Text(text.ToString(), "application/atom+xml; charset=utf-8");
    }
}
