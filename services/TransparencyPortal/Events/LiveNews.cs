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
            .WithDescription("Cada evento «news» dice id, type, subject, title, address, sentence, when y routine (lo de todos los días, que el inicio no muestra). Con subject, solo lo de un asunto. Con el encabezado Last-Event-ID llega antes lo que faltó, hasta 200.")
            .DisableRequestTimeout();

    internal sealed record News(Guid Id, string Type, Guid Subject, string Title, string Address, string Sentence, string When, bool Routine);

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
        using var watch = fresh.Begin();
        yield return new(null, "hello");
        var sent = new HashSet<Guid>();
        if (last is not null)
        {
            foreach (var missed in await Told.ReadAsync(
                         database, "(e.happened_at, e.id) > (SELECT happened_at, id FROM told WHERE id = $1 LIMIT 1) AND ($2::uuid IS NULL OR e.subject = $2) ORDER BY e.happened_at, e.id LIMIT $3",
                         [last, subject, MostMissed], cancellation))
            {
                sent.Add(missed.Event.Id);
                yield return Item(missed);
            }
        }
        var next = watch.News.WaitToReadAsync(cancellation).AsTask();
        while (!cancellation.IsCancellationRequested)
        {
            if (await Task.WhenAny(next, Task.Delay(StillThere, cancellation)) != next)
            {
                if (!cancellation.IsCancellationRequested)
                    yield return new(null, "alive");
                continue;
            }
            while (watch.News.TryRead(out var told))
            {
                if ((subject is null || told.Event.Subject == subject) && !sent.Contains(told.Event.Id))
                    yield return Item(told);
            }
            next = watch.News.WaitToReadAsync(cancellation).AsTask();
        }
    }

    private static SseItem<News?> Item(Told told) => new(new News(
        told.Event.Id, told.Event.Type, told.Event.Subject, told.Title, Kind.AddressOf(told.Kind, told.Event.Subject), Sentences.Of(told.Event), told.Event.HappenedAt.DayAndHour(), Kind.Routine.Contains(told.Event.Type)), "news")
    {
        EventId = told.Event.Id.ToString(),
    };
}
