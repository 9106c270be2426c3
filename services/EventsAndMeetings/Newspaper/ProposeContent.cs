using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.News;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Newspaper;

/// <summary>What an edition could say: of what the services published in its month, and of what is about to be, one piece for each thing.</summary>
internal static class ProposeContent
{
    private const int MostNews = 5000;
    private const int MostOfSection = 8;
    private const int MostSentences = 3;

    private sealed record Kept(string Line, string? Correction);

    /// <summary>As much of it as an edition begins with.</summary>
    public static IReadOnlyList<EditionItem> Beginning(IReadOnlyList<EditionItem> all) => [.. all.GroupBy(i => i.Section).SelectMany(g => g.Take(MostOfSection))];

    public static async Task<IReadOnlyList<EditionItem>> OfAsync(AgendaDb db, DateOnly month, DateOnly today, Uri home, CancellationToken cancellation)
    {
        var end = month.AddMonths(1);
        var (from, until) = (At(month), At(end));
        // What is planned was said before the month as well.
        var lines = await db.Database.SqlQuery<Kept>(
            $"""
            SELECT line AS "Line", (SELECT string_agg(c.words, ' ' ORDER BY c.happened_at) FROM news_correction c WHERE c.about = n.id AND c.words <> '') AS "Correction" FROM public_news n WHERE line <> '' AND ((happened_at >= {from} AND happened_at < {until})
                OR (happened_at < {until} AND type IN ('agenda.meeting.planned.v1', 'agenda.meeting.convened.v1', 'agenda.meeting.cancelled.v1', 'agenda.meeting.rescheduled.v1', 'agenda.event.announced.v1',
                    'agenda.event.cancelled.v1', 'distribution.delivery-day.scheduled.v1', 'distribution.delivery-day.cancelled.v1') AND happened_at >= {from.AddDays(-120)}))
            ORDER BY happened_at DESC, id DESC LIMIT {MostNews}
            """).ToListAsync(cancellation);
        var news = lines.ConvertAll(l => PublicEvent.Read(System.Text.Json.JsonDocument.Parse(l.Line).RootElement));
        var corrections = news.Zip(lines).Where(n => n.Second.Correction is not null).ToDictionary(n => n.First.Id, n => $" Corrección: {n.Second.Correction}");
        string Corrected(PublicEvent told) => corrections.GetValueOrDefault(told.Id, "");
        string Said(PublicEvent told) => Sentences.Of(told) + Corrected(told);
        // Of what every edition says.
        var term = await db.Database.SqlQuery<int>($"""SELECT business_days AS "Value" FROM answer_rule WHERE effective_from <= {today} ORDER BY effective_from DESC LIMIT 1""").SingleAsync(cancellation);
        var prevention = (await db.Bodies.Where(b => b.Kind == "prevention").Select(b => b.Id).ToListAsync(cancellation)).ToHashSet();
        var (items, dated) = (new List<EditionItem>(), new List<(DateTime At, EditionItem Item)>());
        foreach (var about in news.GroupBy(n => n.Subject))
        {
            var newest = about.First();
            var occasion = about.OrderByDescending(e => e.Version).Select(e => Occasion.Of(e)).FirstOrDefault(o => o is not null);
            // What is still to come is told once, by its date.
            if (occasion is { } when && DateOnly.FromDateTime(when.Starts) is var day && day >= today && day < end.AddMonths(1))
            {
                if (when.IsOff && about.Any(e => e.HappenedAt >= from))
                    dated.Add((when.Starts, new(NewspaperSection.Notices, TitleOf(newest), Limited($"No se hará: era {when.Starts.InWords()}.{string.Concat(about.Select(Corrected))}"), about.Key, [.. about.Select(e => e.Id).Take(50)])));
                else if (!when.IsOff)
                    dated.Add((when.Starts, new(newest.Type.StartsWith("distribution.", StringComparison.Ordinal) ? NewspaperSection.Packages : NewspaperSection.Agenda, TitleOf(newest),
                        Limited($"{Words(when)}{(SubjectNews.Of(newest).Place is { Length: > 0 } place ? $". Lugar: {place}" : "")}.{string.Concat(about.Select(Corrected))}"), about.Key, [.. about.Select(e => e.Id).Take(50)])));
                continue;
            }
            var ofMonth = about.Where(e => e.HappenedAt >= from).GroupBy(e => e.Type).Select(g => g.First()).Take(MostSentences).ToList();
            if (ofMonth.Count == 0 || SectionOf(newest, prevention) is not { } section)
                continue;
            var said = string.Join(' ', ofMonth.OrderBy(e => e.Version).Select(Said));
            items.Add(new(section, TitleOf(newest), Limited(said), about.Key, [.. about.Where(e => e.HappenedAt >= from).Select(e => e.Id).Take(50)]));
        }
        items.Add(new(NewspaperSection.InformationRequests, "Usted tiene derecho a preguntar", $"Pregunte lo que quiera saber de la municipalidad, sin decir quién es, en {new Uri(home, "/portal/preguntar")} o en la oficina. Se le responde en {term} días hábiles."));
        // What is to come in the order in which it comes.
        return [.. dated.OrderBy(d => d.At).Select(d => d.Item).Concat(items).GroupBy(i => i.Section).OrderBy(g => g.Key).SelectMany(g => g)];
    }

    private static DateTimeOffset At(DateOnly day) => new DateTimeOffset(day.ToDateTime(default), LocalTime.Offset).ToUniversalTime();

    private static string TitleOf(PublicEvent told) => SubjectNews.Of(told).Title is { Length: <= 150 } title ? title : SubjectNews.Of(told).Title[..149] + "…";

    private static string Limited(string text) => text.Length <= 1200 ? text : text[..1199] + "…";

    private static string Words(Occasion when) => when.Ends is { } ends ? when.Starts.InWordsUntil(ends) : when.Starts.InWords();

    private static NewspaperSection? SectionOf(PublicEvent told, HashSet<Guid> prevention) => SubjectNews.Of(told).Kind switch
    {
        "project" => NewspaperSection.Projects,
        "cycle" or "proposal" => NewspaperSection.ParticipatoryBudget,
        "association" => NewspaperSection.Associations,
        "committee" when told.Data.Text("kind") == "youth" => NewspaperSection.YouthCultureSport,
        "committee" when told.Data.Text("kind") == "prevention" => NewspaperSection.Prevention,
        "committee" => NewspaperSection.Associations,
        "event" => NewspaperSection.YouthCultureSport,
        "meeting" when Guid.TryParse(told.Data.Text("bodyId"), out var body) && prevention.Contains(body) => NewspaperSection.Prevention,
        "campaign" or "delivery-day" => NewspaperSection.Packages,
        "plan" or "meeting" => NewspaperSection.Notices,
        _ => null,
    };
}
