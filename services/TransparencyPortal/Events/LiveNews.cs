using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Npgsql;
using ProyeccionSocial.News;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Pages;

namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>New public events as they are kept, for whoever watches: a page, or a program.</summary>
internal static class LiveNews
{
    private const int MostWatchers = 500;
    private const int MostMissed = 200;
    private static readonly TimeSpan StillThere = TimeSpan.FromSeconds(15);

    public static void MapLiveNews(this IEndpointRouteBuilder api) =>
        api.MapGet("/live", Watch).WithName("WatchNews").AllowAnonymous().WithTags("open-data").Produces<string>(200, "text/event-stream").ProducesProblem(503)
            .WithSummary("Lo que se publica, en el momento (server-sent events)")
            .WithDescription("Cada evento «news» dice id, type, subject, title, address, sentence y when. Con subject, solo lo de un asunto. Con el encabezado Last-Event-ID llega antes lo que faltó, hasta 200.")
            .DisableRequestTimeout();

    internal sealed record News(Guid Id, string Type, Guid Subject, string Title, string Address, string Sentence, string When);

    private static IResult Watch(FreshNews fresh, NpgsqlDataSource database, HttpContext http, Guid? subject = null, CancellationToken cancellation = default)
    {
        if (fresh.Watchers >= MostWatchers)
        {
            http.Response.Headers.RetryAfter = "30";
            return Problems.Of(503, "too_many_watchers", "Demasiadas personas miran a la vez. Vuelva a cargar la página en un momento.");
        }
        var last = Guid.TryParse(http.Request.Headers["Last-Event-ID"], out var id) ? id : (Guid?)null;
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.ServerSentEvents(NewsAsync(fresh, database, subject, last, cancellation));
    }

    private static async IAsyncEnumerable<SseItem<News?>> NewsAsync(FreshNews fresh, NpgsqlDataSource database, Guid? subject, Guid? last, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Watched before what was missed is read: nothing falls between the two.
        await using var watch = fresh.WatchAsync(cancellation).GetAsyncEnumerator(cancellation);
        yield return new(null, "hello");
        var sent = new HashSet<Guid>();
        if (last is not null)
        {
            foreach (var missed in await Rows.ReadAsync(
                         database, $"SELECT {Rows.Event} FROM told e WHERE (e.happened_at, e.id) > (SELECT happened_at, id FROM told WHERE id = $1 LIMIT 1) AND ($2::uuid IS NULL OR e.subject = $2) ORDER BY e.happened_at, e.id LIMIT $3",
                         [last, subject, MostMissed], EventIndex.Event, cancellation))
            {
                sent.Add(missed.Id);
                yield return await ItemAsync(database, missed, cancellation);
            }
        }
        var next = watch.MoveNextAsync().AsTask();
        while (true)
        {
            if (await Task.WhenAny(next, Task.Delay(StillThere, cancellation)) != next)
            {
                if (cancellation.IsCancellationRequested)
                    yield break;
                yield return new(null, "alive");
                continue;
            }
            if (!await next)
                yield break;
            var told = watch.Current;
            if ((subject is null || told.Subject == subject) && !sent.Contains(told.Id))
                yield return await ItemAsync(database, told, cancellation);
            next = watch.MoveNextAsync().AsTask();
        }
    }

    private static async Task<SseItem<News?>> ItemAsync(NpgsqlDataSource database, PublicEvent told, CancellationToken cancellation)
    {
        var (kind, title) = (await Rows.ReadAsync(database, "SELECT kind, title FROM subject WHERE id = $1", [told.Subject], r => (r.GetString(0), r.GetString(1)), cancellation)).FirstOrDefault(("other", ""));
        return new(new News(told.Id, told.Type, told.Subject, title, Kind.AddressOf(kind, told.Subject), Sentences.Of(told), told.HappenedAt.DayAndHour()), "news") { EventId = told.Id.ToString() };
    }
}
