using System.Globalization;
using ProyeccionSocial.News;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>A theme on the start page.</summary>
public sealed record KindLine(string Name, string Slug, string Title, string About, string Count);

/// <summary>Something that happened.</summary>
public sealed record NewsLine(string Title, string Address, string Sentence, string When);

/// <summary>Something that has a page.</summary>
public sealed record SubjectLine(string Title, string Address, string Place);

/// <summary>Several of one kind.</summary>
public sealed record SubjectGroup(string? Title, IReadOnlyList<SubjectLine> Lines);

/// <summary>A service's sealed blocks.</summary>
public sealed record SealedSource(string Name, string Title, IReadOnlyList<SealedBlock> Blocks);

/// <summary>A sealed block.</summary>
public sealed record SealedBlock(int Number, string Day, long Events, string Seal);

/// <summary>A subject as its page shows it.</summary>
public sealed record SubjectPaper(
    Guid Id, string Title, string Place, string PlaceAddress, IReadOnlyList<(string Label, string Value)> Facts, IReadOnlyList<SubjectGroup> Related, IReadOnlyList<NewsLine> Timeline)
{
    /// <summary>What a resident looks for first, from the newest word on each of it.</summary>
    /// <param name="kind">Of the subject.</param>
    /// <param name="events">Of the subject, the oldest first.</param>
    internal static IReadOnlyList<(string Label, string Value)> FactsOf(string kind, IReadOnlyList<PublicEvent> events)
    {
        EventData? Last(string type) => events.LastOrDefault(e => e.Type == type)?.Data;
        var facts = new List<(string, string)>();
        switch (kind)
        {
            case "project":
                if (Last("budget.project.money-changed.v1") is { } money)
                    facts.AddRange([("Aprobado", money.Money("approved")), ("Comprometido", money.Money("committed")), ("Pagado", money.Money("paid")), ("Aporte de la comunidad", money.Money("contributed"))]);
                else if (Last("budget.project.created.v1") is { } created)
                    facts.Add(("Asignado", created.Money("granted")));
                if (Last("budget.project.milestone-reached.v1") is { } reached)
                    facts.Add(("Avance de la obra", $"{reached.Number("progress")} %"));
                break;
            case "cycle":
                if (Last("budget.cycle.opened.v1") is { } opened)
                {
                    facts.Add(("Hay para elegir", opened.Money("ceiling")));
                    facts.AddRange(opened.Parts("zones").Select(z => (z.Text("name"), z.Money("amount"))));
                }
                facts.AddRange(events.Where(e => e.Type == "budget.cycle.result-declared.v1").Select(e => e.Data).GroupBy(d => d.Text("zoneName")).SelectMany(g =>
                    g.Last().Parts("lines").Where(l => l.Is("chosen")).Select(l => ($"Ganó en {g.Key}", $"{l.Text("name")}, {l.Money("cost")}"))));
                break;
            case "campaign":
                if (Last("distribution.campaign.announced.v1") is { } announced)
                {
                    facts.Add(("Cuándo", $"Del {announced.Day("firstDay")} al {announced.Day("lastDay")}"));
                    facts.AddRange(announced.Parts("packages").Select(p => (p.Text("name"), $"{p.Text("contents")}; para {p.Some("people", "persona", "personas")}")));
                    facts.AddRange(announced.Parts("centres").Select(c => ("Centro", $"{c.Text("name")}, {c.Part("place").Text("path")}")));
                }
                break;
            case "plan":
                facts.AddRange(events.Where(e => e.Type is "agenda.plan.activity-progressed.v1" or "agenda.plan.activity-recounted.v1").Select(e => e.Data).GroupBy(d => d.Amount("activityNumber")).OrderBy(g => g.Key)
                    .Select(g => ($"{g.Key:0}. {g.Last().Text("activity")}", g.Last().Number("executed"))));
                break;
            case "association":
                // The newest of these: a board is elected anew every two years.
                var board = events.Where(e => e.Type.StartsWith("organizations.association.board-", StringComparison.Ordinal) || e.Type == "organizations.association.activated.v1").Select(e => e.Data);
                if (board.Select(d => (Until: d.Text("until").Length > 0 ? "until" : "boardUntil", Data: d)).LastOrDefault(b => b.Data.Day(b.Until).Length > 0) is { Until: { } member } newest)
                    facts.Add(("Junta directiva hasta el", newest.Data.Day(member)));
                break;
        }
        return facts;
    }

    internal static NewsLine Line(PublicEvent told, string title = "", string address = "") => new(title, address, Sentences.Of(told), told.HappenedAt.DayAndHour());

    internal static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
