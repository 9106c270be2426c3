using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Days;
using ProyeccionSocial.AgriculturalDistribution.Roster;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Summonses;

/// <summary>Who comes when, on paper: the list for the table at the centre, the slips for the people, the notice for the wall.</summary>
internal static class PrintSummonses
{
    public static void MapPrintSummonses(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapGet("/{id:guid}/days/{day:guid}/list", ListAsync).WithName("PrintList").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .Produces<string>(200, "text/html").WithSummary("Lista de una jornada para imprimir: número, hora, persona, paquetes y espacio para la firma o huella").WithDescription("Lleva datos personales: queda anotado quién la abrió.");
        campaigns.MapGet("/{id:guid}/days/{day:guid}/slips", SlipsAsync).WithName("PrintSlips").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .Produces<string>(200, "text/html").WithSummary("Convocatorias de una jornada para repartir, cada una con su QR").WithDescription("De 200 en 200, después del número after. Queda anotado quién las abrió.");
    }

    public static void MapPublicNotice(this IEndpointRouteBuilder pages) =>
        pages.MapGet("/campaigns/{id:guid}", NoticeAsync).WithName("GetPublicNotice").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Aviso público de una campaña: paquetes, centros, días y horas por caserío, sin datos de personas");

    private sealed record Turn(Guid Person, int Number, TimeOnly At, string Names, string Dui, string Hamlet, string Packages, bool First, Guid Code);

    private static async Task<IResult> ListAsync(Guid id, Guid day, DistributionDb db, PersonalReads reads, HttpContext http, CancellationToken cancellation)
    {
        if (await FindAsync(db, id, day, cancellation) is not var (campaign, centre, when))
            return Problems.NotFound();
        var turns = await TurnsAsync(db, campaign, day, 0, 24_000, isByTurn: true, cancellation); // A day has no more turns than that.
        await reads.NoteAsync("day-list", day, cancellation, turns.ConvertAll(t => t.Person));
        return Html.Page<ListPage>(http, new()
        {
            ["Campaign"] = campaign.Name, ["Centre"] = centre.Name, ["Day"] = when.Date.Day(), ["Hours"] = Hours(when.Opens, when.Closes),
            ["Turns"] = (IReadOnlyList<TurnLine>)turns.ConvertAll(t => new TurnLine(Text(t.Number), Hour(t.At), t.Names, t.Dui, t.Hamlet, t.Packages, t.First, null)),
        });
    }

    private static async Task<IResult> SlipsAsync(Guid id, Guid day, DistributionDb db, PersonalReads reads, HttpContext http, int after = 0, CancellationToken cancellation = default)
    {
        if (await FindAsync(db, id, day, cancellation) is not var (campaign, centre, when))
            return Problems.NotFound();
        var turns = await TurnsAsync(db, campaign, day, after, 200, isByTurn: false, cancellation);
        await reads.NoteAsync("day-slips", day, cancellation, turns.ConvertAll(t => t.Person));
        return Html.Page<SlipsPage>(http, new()
        {
            ["Campaign"] = campaign.Name, ["Centre"] = $"{centre.Name}, {centre.Place.Name}", ["Day"] = when.Date.ToDateTime(default).ToString("dddd d 'de' MMMM", CultureInfo.GetCultureInfo("es-SV")),
            ["Deputies"] = campaign.Rules.Deputies,
            ["Turns"] = (IReadOnlyList<TurnLine>)turns.ConvertAll(t => new TurnLine(Text(t.Number), Hour(t.At), t.Names, Dui.Mask(t.Dui), t.Hamlet, t.Packages, t.First, t.Code.ToString())),
        });
    }

    private static async Task<List<Turn>> TurnsAsync(DistributionDb db, Campaign campaign, Guid day, int after, int most, bool isByTurn, CancellationToken cancellation)
    {
        var elderlySince = campaign.FirstDay.AddYears(-campaign.Rules.ElderlyAge);
        return await db.Database.SqlQuery<Turn>(
            $"""
            SELECT b.id AS "Person", s.number AS "Number", turn_at(d, s.slot) AS "At", b.surnames || ', ' || b.given_names AS "Names", b.dui AS "Dui", h.name AS "Hamlet", s.code AS "Code",
                b.pregnant OR b.disabled OR b.birth_date <= {elderlySince} AS "First",
                (SELECT string_agg(p.name || CASE e.kind WHEN 'replacement' THEN ' (reposición)' ELSE '' END, ', ' ORDER BY p.number, e.kind) FROM entitlement e JOIN package_kind p ON p.campaign_id = e.campaign_id AND p.number = e.package
                    WHERE e.campaign_id = s.campaign_id AND e.beneficiary_id = b.id AND e.state IN ('summoned', 'partially-delivered', 'delivered')) AS "Packages"
            FROM summons s JOIN delivery_day d ON d.id = s.day_id JOIN beneficiary b ON b.id = s.beneficiary_id JOIN hamlet h ON h.id = b.hamlet_id
            WHERE s.day_id = {day} AND s.number > {after} AND EXISTS (SELECT 1 FROM entitlement e WHERE e.campaign_id = s.campaign_id AND e.beneficiary_id = b.id AND e.state IN ('summoned', 'partially-delivered', 'delivered'))
            ORDER BY CASE WHEN {isByTurn} THEN s.slot ELSE s.number END LIMIT {most}
            """).ToListAsync(cancellation);
    }

    private static async Task<(Campaign, Centre, DeliveryDay)?> FindAsync(DistributionDb db, Guid id, Guid day, CancellationToken cancellation)
    {
        var campaign = await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        var when = await db.Days.AsNoTracking().SingleOrDefaultAsync(d => d.CampaignId == id && d.Id == day, cancellation);
        return campaign is null || when is null ? null : (campaign, await db.Centres.AsNoTracking().SingleAsync(c => c.CampaignId == id && c.Number == when.Centre, cancellation), when);
    }

    private sealed record Coming(int Centre, DateOnly Date, string Hamlet, TimeOnly First, TimeOnly Last);

    private static async Task<IResult> NoticeAsync(Guid id, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var campaign = await db.WholeCampaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id && c.State != CampaignState.Draft, cancellation);
        if (campaign is null)
            return Html.Page<NoticePage>(http, [], 404);
        var today = time.Today();
        var days = await db.Days.AsNoTracking().Where(d => d.CampaignId == id && d.State == DayState.Scheduled && d.Date >= today).OrderBy(d => d.Date).Take(500).ToListAsync(cancellation);
        // Hamlets and hours, never who: a hamlet of which few people come is told with its neighbours of the cantón, and where
        // these are few as well, only their own summons tells them.
        var coming = (await db.Database.SqlQuery<Coming>(
            $"""
            SELECT centre AS "Centre", date AS "Date", hamlet AS "Hamlet", min(first) AS "First", max(last) AS "Last" FROM (
                SELECT d.centre, d.date, CASE WHEN count(*) >= 5 THEN h.name || ', ' || h.canton ELSE h.canton END AS hamlet, min(turn_at(d, s.slot)) AS first, max(turn_at(d, s.slot)) AS last, count(*) AS people
                FROM summons s JOIN delivery_day d ON d.id = s.day_id JOIN beneficiary b ON b.id = s.beneficiary_id JOIN hamlet h ON h.id = b.hamlet_id
                WHERE s.campaign_id = {id} AND d.state = 'scheduled' AND d.date >= {today} GROUP BY d.id, d.centre, d.date, h.id, h.name, h.canton) t
            GROUP BY centre, date, hamlet HAVING sum(people) >= 5 ORDER BY date, min(first), hamlet LIMIT 5000
            """).ToListAsync(cancellation)).ToLookup(c => (c.Centre, c.Date));
        var paper = new NoticePaper(
            campaign.Name, campaign.OwnerName, campaign.Season,
            campaign.State switch { CampaignState.Cancelled => $"Esta campaña se canceló: {campaign.Reason}", CampaignState.Closed => "Esta campaña ya terminó.", _ => null },
            [
                .. campaign.Packages.OrderBy(p => p.Number).Select(p => (p.Name, campaign.ContentsOf(p))),
            ],
            [
                .. campaign.Centres.OrderBy(c => c.Number).Select(c => new NoticePaper.Place(c.Name, c.Place.Path, [.. days.Where(d => d.Centre == c.Number).Select(d => new NoticePaper.Day(
                    d.Date.ToDateTime(default).ToString("dddd d 'de' MMMM 'de' yyyy", CultureInfo.GetCultureInfo("es-SV")), Hours(d.Opens, d.Closes),
                    [.. coming[(c.Number, d.Date)].Select(h => (h.Hamlet, h.First == h.Last ? $"a las {Hour(h.First)}" : $"de {Hour(h.First)} a {Hour(h.Last.AddHours(1))}"))]))])),
            ],
            campaign.Rules.Deputies);
        return Html.Page<NoticePage>(http, new() { ["Paper"] = paper });
    }

    private static string Hours(TimeOnly from, TimeOnly until) => $"de {Hour(from)} a {Hour(until)}";

    private static string Hour(TimeOnly at) => at.ToString("H:mm", CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A turn on a printed list or slip.</summary>
public sealed record TurnLine(string Number, string At, string Names, string Dui, string Hamlet, string? Packages, bool First, string? Code);

/// <summary>A campaign as the public notice tells of it.</summary>
public sealed record NoticePaper(
    string Name, string Owner, string Season, string? Ended, IReadOnlyList<(string Name, string Contents)> Packages, IReadOnlyList<NoticePaper.Place> Places, bool Deputies)
{
    /// <summary>A centre.</summary>
    public sealed record Place(string Name, string Path, IReadOnlyList<Day> Days);

    /// <summary>A day at a centre.</summary>
    public sealed record Day(string Date, string Hours, IReadOnlyList<(string Hamlet, string At)> Hamlets);
}
