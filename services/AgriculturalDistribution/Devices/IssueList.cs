using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Closings;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Deliveries;
using ProyeccionSocial.AgriculturalDistribution.Days;
using ProyeccionSocial.AgriculturalDistribution.Roster;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Devices;

/// <summary>A device takes along whom its centre serves and what it has, signed, and says when all that it wrote has come back.</summary>
internal static class IssueList
{
    private const int MostPeople = 20_000;

    public static void MapIssueList(this IEndpointRouteBuilder devices)
    {
        devices.MapPut("/{device:guid}/lists/{list:guid}", IssueAsync).WithName("IssueList").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Llevarse en un aparato la lista y las existencias de un centro, firmadas (JWS)").WithDescription("Lleva datos personales: queda anotado quién la pidió. Con dayId, solo quienes tienen turno ese día. El número de la lista (UUID) lo hace el aparato: pedida otra vez, es la misma lista con lo que hay ahora. Una lista que todavía no se devuelve impide cerrar el centro.");
        devices.MapPost("/{device:guid}/lists/{list:guid}/return", ReturnAsync).WithName("ReturnList").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Devolver una lista: todo lo que el aparato anotó ya llegó").WithDescription("Lo firma el aparato (JWS con list y lastSequence, el número de la última entrada de su diario); si falta alguna, dice cuáles.");
        devices.MapPost("/{device:guid}/lists/{list:guid}/loss", LoseAsync).WithName("LoseList").Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Anotar que una lista se perdió con su aparato, y por qué");
        devices.MapGet("/lists", OpenAsync).WithName("OpenLists").Allow("distribution.read", ReadCampaigns.Readers).WithSummary("Listas de una campaña que andan en aparatos, y las que volvieron");
    }

    public static void MapSigningKey(this IEndpointRouteBuilder pages) => pages.MapGet("/keys", KeysAsync).WithName("GetListKeys").AllowAnonymous().WithSummary("Llave pública con que se comprueban las listas (JWK Set)");

    /// <param name="CampaignId">Which campaign.</param>
    /// <param name="Centre">Its number.</param>
    /// <param name="DayId">Only whose turn is on that day; everybody of the centre without it.</param>
    internal sealed record ListRequest(Guid CampaignId, [Between(1, 200)] int Centre, Guid? DayId = null)
    {
        public static ListRequest Example => new(Examples.Id, 1);
    }

    /// <param name="Id">Of the list.</param>
    /// <param name="List">Compact JWS; its payload is the list.</param>
    internal sealed record IssuedView(Guid Id, string List)
    {
        public static IssuedView Example => new(Examples.Id, "eyJhbGciOiJFUzI1NiJ9.eyJsaXN0IjoiMDE5M…");
    }

    internal sealed record ListContent(
        Guid List, Guid Device, DateTimeOffset IssuedAt, Guid Campaign, string Name, string Season, bool Deputies, int Centre, string CentreName, IReadOnlyList<ListDay> Days, IReadOnlyList<ArticleLine> Articles,
        IReadOnlyList<PackageLine> Packages, IReadOnlyList<LotLine> Lots, IReadOnlyList<PersonLine> People);

    internal sealed record ListDay(DateOnly Date, TimeOnly Opens, TimeOnly Closes);

    internal sealed record ArticleLine(int Number, string Name, string Unit);

    internal sealed record PackageLine(int Number, string Name, IReadOnlyList<ComponentContent> Components);

    /// <summary>What the centre has of a lot that does not expire before today.</summary>
    internal sealed record LotLine(int Number, int Article, string Code, DateOnly? ExpiresOn, decimal Quantity);

    /// <summary>Household is the roster's word for theirs, and HouseholdHas what somebody else of it has got; both are there to warn.</summary>
    internal sealed record PersonLine(
        Guid Id, string Dui, string Names, string Hamlet, Guid? Code, int? Number, DateOnly? Date, TimeOnly? At, bool First, string? Household, IReadOnlyList<int> HouseholdHas, IReadOnlyList<PackageDue> Packages);

    internal sealed record PackageDue(int Package, DeliveryKind Kind, IReadOnlyList<DueView> Due);

    private sealed record Row(Guid Id, string Dui, string Names, string Hamlet, Guid? Code, int? Number, DateOnly? Date, TimeOnly? At, bool First, string? Household, int[] HouseholdHas, string Packages);

    private static async Task<Results<Created<IssuedView>, Ok<IssuedView>, ProblemHttpResult>> IssueAsync(
        Guid device, Guid list, ListRequest request, DistributionDb db, PersonalReads reads, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM campaign WHERE id = {request.CampaignId} FOR KEY SHARE", cancellation); // Its centres do not close meanwhile.
        var states = await db.Database.SqlQuery<bool>($"""SELECT revoked_at IS NULL AS "Value" FROM device WHERE id = {device}""").ToListAsync(cancellation);
        var campaign = await db.WholeCampaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == request.CampaignId, cancellation);
        if (states is not [var isTrusted] || campaign?.Centres.SingleOrDefault(c => c.Number == request.Centre) is not { } centre)
            return Problems.NotFound();
        Rule.State(isTrusted, "device_revoked", "Ese aparato se dio de baja.");
        campaign.RequireApproved();
        Rule.State(!await CloseCentre.IsClosedAsync(db, campaign.Id, centre.Number, cancellation), "centre_closed", "El centro ya cerró su acta.");
        if (!Access.IsAllowed(http.User, "distribution.write", [Roles.UnitHead]) && !centre.Staff.Any(s => s.Subject == Access.CallerOf(http.User)))
            return Problems.Of(403, "not_staff", "Usted no está entre el personal de ese centro.");
        var (today, elderlySince) = (time.Today(), campaign.FirstDay.AddYears(-campaign.Rules.ElderlyAge));
        var days = await db.Days.AsNoTracking().Where(d => d.CampaignId == campaign.Id && d.Centre == centre.Number && d.State != DayState.Cancelled && d.Date >= today).OrderBy(d => d.Date).Take(100).ToListAsync(cancellation);
        var people = await db.Database.SqlQuery<Row>(
            $"""
            SELECT b.id AS "Id", b.dui AS "Dui", b.given_names || ' ' || b.surnames AS "Names", h.name AS "Hamlet", s.code AS "Code", s.number AS "Number", d.date AS "Date", turn_at(d, s.slot) AS "At",
                b.pregnant OR b.disabled OR b.birth_date <= {elderlySince} AS "First",
                CASE WHEN {campaign.Rules.HouseholdWarning} THEN b.household END AS "Household",
                ARRAY(SELECT DISTINCT oe.package FROM beneficiary o JOIN entitlement oe ON oe.beneficiary_id = o.id WHERE {campaign.Rules.HouseholdWarning} AND o.campaign_id = b.campaign_id AND o.household = b.household
                    AND o.id <> b.id AND oe.state IN ('delivered', 'partially-delivered') ORDER BY oe.package) AS "HouseholdHas",
                (SELECT jsonb_agg(jsonb_build_object('package', e.package, 'kind', e.kind, 'due', (
                    SELECT jsonb_agg(jsonb_build_object('article', c.article, 'quantity', c.quantity - coalesce(g.quantity, 0)) ORDER BY c.article) FROM package_component c
                    LEFT JOIN handed(e.campaign_id, e.package, e.kind, e.beneficiary_id) g ON g.article = c.article
                    WHERE c.campaign_id = e.campaign_id AND c.package = e.package AND c.quantity > coalesce(g.quantity, 0))) ORDER BY e.package, e.kind)
                    FROM entitlement e WHERE e.beneficiary_id = b.id AND e.campaign_id = b.campaign_id AND may_take(e, {centre.Number}))::text AS "Packages"
            FROM beneficiary b JOIN hamlet h ON h.id = b.hamlet_id LEFT JOIN summons s ON s.campaign_id = b.campaign_id AND s.beneficiary_id = b.id LEFT JOIN delivery_day d ON d.id = s.day_id
            LEFT JOIN centre_hamlet ch ON ch.campaign_id = b.campaign_id AND ch.hamlet_id = b.hamlet_id
            WHERE b.campaign_id = {campaign.Id} AND coalesce(s.centre, ch.centre) = {centre.Number} AND ({request.DayId}::uuid IS NULL OR s.day_id = {request.DayId})
                AND EXISTS (SELECT 1 FROM entitlement e WHERE e.beneficiary_id = b.id AND e.campaign_id = b.campaign_id AND may_take(e, {centre.Number}))
            ORDER BY s.number NULLS LAST, b.dui LIMIT {MostPeople + 1}
            """).ToListAsync(cancellation);
        Rule.State(people.Count <= MostPeople, "list_too_long", $"La lista pasa de {MostPeople} personas: pídala por jornada.");
        var lots = await db.Balances.AsNoTracking().Where(b => b.CampaignId == campaign.Id && b.Centre == centre.Number && b.Remaining > 0)
            .Join(db.Lots.Where(l => l.ExpiresOn == null || l.ExpiresOn >= today), b => new { b.CampaignId, Number = b.Lot }, l => new { l.CampaignId, l.Number }, (b, l) => new { l, b.Remaining }).OrderBy(x => x.l.Number)
            .Select(x => new LotLine(x.l.Number, x.l.Article, x.l.Code, x.l.ExpiresOn, x.Remaining)).ToListAsync(cancellation);
        var content = new ListContent(
            list, device, time.GetUtcNow(), campaign.Id, campaign.Name, campaign.Season, campaign.Rules.Deputies, centre.Number, centre.Name, days.ConvertAll(d => new ListDay(d.Date, d.Opens, d.Closes)),
            [.. campaign.Articles.OrderBy(a => a.Number).Select(a => new ArticleLine(a.Number, a.Name, a.Unit))],
            [.. campaign.Packages.OrderBy(p => p.Number).Select(p => new PackageLine(p.Number, p.Name, [.. p.Components.OrderBy(c => c.Article).Select(c => new ComponentContent(c.Article, c.Quantity))]))], lots,
            people.ConvertAll(p => new PersonLine(p.Id, p.Dui, p.Names, p.Hamlet, p.Code, p.Number, p.Date, p.At, p.First, p.Household, p.HouseholdHas, JsonSerializer.Deserialize<List<PackageDue>>(p.Packages, EventJson.Options)!)));
        var isNew = await db.Database.ExecuteSqlAsync(
            $"INSERT INTO centre_list (id, campaign_id, centre, device_id, people, issued_by, issued_at) VALUES ({list}, {campaign.Id}, {centre.Number}, {device}, {people.Count}, {Access.CallerOf(http.User)}, {content.IssuedAt}) ON CONFLICT (id) DO NOTHING", cancellation) == 1;
        Rule.State(
            isNew || await db.Database.SqlQuery<bool>(
                $"""SELECT EXISTS (SELECT 1 FROM centre_list WHERE id = {list} AND device_id = {device} AND campaign_id = {campaign.Id} AND centre = {centre.Number} AND ended IS NULL) AS "Value" """).ToAsyncEnumerable().SingleAsync(cancellation),
            "list_exists", "Ya hay una lista con ese número: es de otro centro o de otro aparato, o ya se devolvió.");
        // Asked for again, the device may have either: both hold.
        var lines = content.People.SelectMany(p => p.Packages.Select(k => (p.Id, k.Package, Kind: Choice<DeliveryKind>.NameOf(k.Kind)))).ToList();
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO centre_list_line (list_id, beneficiary_id, package, kind)
            SELECT {list}, l.id, l.package, l.kind FROM unnest({lines.Select(l => l.Id).ToArray()}, {lines.Select(l => l.Package).ToArray()}, {lines.Select(l => l.Kind).ToArray()}) AS l (id, package, kind) ON CONFLICT DO NOTHING
            """, cancellation);
        await reads.NoteAsync("device-list", content.List, cancellation, people.ConvertAll(p => p.Id));
        using var key = await KeyAsync(db, cancellation);
        await transaction.CommitAsync(cancellation);
        var issued = new IssuedView(list, Journal.Sign(content, key));
        return isNew ? TypedResults.Created($"/v1/distribution/devices/{device}/lists/{list}", issued) : TypedResults.Ok(issued);
    }

    /// <param name="Signed">What the device says: <see cref="Return"/> as a JWS.</param>
    internal sealed record Returning([Text(2000)] string Signed)
    {
        public static Returning Example => new("eyJhbGciOiJFUzI1NiJ9.eyJsaXN0IjoiMDE5M…");
    }

    /// <param name="List">Which list.</param>
    /// <param name="LastSequence">Of the journal; 0 when nothing was ever written.</param>
    internal sealed record Return(Guid List, long LastSequence);

    internal sealed record Loss([PublicText(500)] string Reason)
    {
        public static Loss Example => new("La tableta cayó al río. Acta de la jefatura del 29/04/2027.");
    }

    /// <param name="Id">Of the list.</param>
    /// <param name="Device">Which has it.</param>
    /// <param name="DeviceName">Its name.</param>
    /// <param name="Centre">Whose list.</param>
    /// <param name="People">In it.</param>
    /// <param name="IssuedAt">When it was taken along.</param>
    /// <param name="Ended">returned or lost.</param>
    /// <param name="EndedAt">When.</param>
    /// <param name="Reason">Why it was given up.</param>
    /// <param name="Problems">Entries of its journal that have no effect; the journal says which.</param>
    internal sealed record ListView(Guid Id, Guid Device, string DeviceName, int Centre, int People, DateTimeOffset IssuedAt, string? Ended, DateTimeOffset? EndedAt, string? Reason, int Problems)
    {
        public static ListView Example => new(Examples.Id, Examples.OtherId, "Tableta de Las Lomas", 1, 412, Examples.Instant, "returned", Examples.Instant, null, 0);
    }

    private static async Task<Results<Ok<ListView>, ProblemHttpResult>> ReturnAsync(Guid device, Guid list, Returning request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var keys = await db.Database.SqlQuery<string>($"""SELECT d.key::text AS "Value" FROM centre_list l JOIN device d ON d.id = l.device_id WHERE l.id = {list} AND d.id = {device}""").ToListAsync(cancellation);
        if (keys is not [var key])
            return Problems.NotFound();
        // Only the device knows how far its journal goes.
        var (isSigned, said) = await Journal.ReadAsync<Return>(request.Signed, Journal.KeyOf(key)!);
        Rule.That(isSigned && said is { LastSequence: >= 0 and <= JournalEntry.Last } && said.List == list, "return_unsigned", "Lo que dice hasta dónde llega el diario no lo firmó ese aparato.", "/signed");
        var missing = await UploadJournal.MissingAsync(db, device, said!.LastSequence, cancellation);
        Rule.State(missing.Count == 0, "journal_incomplete", $"Del diario del aparato todavía faltan entradas: {string.Join(", ", missing.Take(20).Select(m => m.ToString(CultureInfo.InvariantCulture)))}{(missing.Count > 20 ? "…" : "")}.");
        return await EndAsync(db, list, "returned", Access.CallerOf(http.User), null, time, cancellation);
    }

    private static async Task<Results<Ok<ListView>, ProblemHttpResult>> LoseAsync(Guid device, Guid list, Loss request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        await db.Database.SqlQuery<Guid>($"""SELECT id AS "Value" FROM centre_list WHERE id = {list} AND device_id = {device}""").ToListAsync(cancellation) is []
            ? Problems.NotFound() : await EndAsync(db, list, "lost", Access.CallerOf(http.User), request.Reason.Trim(), time, cancellation);

    private static async Task<Ok<ListView>> EndAsync(DistributionDb db, Guid list, string ended, string by, string? reason, TimeProvider time, CancellationToken cancellation)
    {
        // Said again, it is what it was; one that was given up and comes back after all has come back.
        await db.Database.ExecuteSqlAsync(
            $"UPDATE centre_list SET ended = {ended}, ended_by = {by}, ended_at = {time.GetUtcNow()}, reason = {reason} WHERE id = {list} AND (ended IS NULL OR (ended = 'lost' AND {ended} = 'returned'))", cancellation);
        return TypedResults.Ok(await Views(db, $"l.id = {list}").SingleAsync(cancellation));
    }

    private static async Task<Results<Ok<Page<ListView>>, ProblemHttpResult>> OpenAsync(Guid campaignId, DistributionDb db, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Campaigns.AnyAsync(c => c.Id == campaignId, cancellation))
            return Problems.NotFound();
        return TypedResults.Ok(Page.Of(await Views(db, $"l.campaign_id = {campaignId} AND ({after}::uuid IS NULL OR l.id > {after}) ORDER BY l.id LIMIT {size + 1}").ToListAsync(cancellation), size, l => l.Id.ToString()));
    }

    private static IQueryable<ListView> Views(DistributionDb db, FormattableString where)
    {
        var sql = System.Runtime.CompilerServices.FormattableStringFactory.Create(
            $"""
            SELECT l.id AS "Id", l.device_id AS "Device", d.name AS "DeviceName", l.centre AS "Centre", l.people AS "People", l.issued_at AS "IssuedAt", l.ended AS "Ended", l.ended_at AS "EndedAt", l.reason AS "Reason",
                (SELECT count(*)::int FROM journal_entry j WHERE j.list_id = l.id AND j.state <> 'recorded') AS "Problems"
            FROM centre_list l JOIN device d ON d.id = l.device_id WHERE {where.Format}
            """, where.GetArguments());
        return db.Database.SqlQuery<ListView>(sql);
    }

    internal sealed record KeySet(IReadOnlyList<Jwk> Keys)
    {
        public static KeySet Example => new([Jwk.Example]);
    }

    internal sealed record Jwk(string Kty, string Crv, string X, string Y, string Use, string Alg)
    {
        public static Jwk Example => new("EC", "P-256", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "sig", "ES256");
    }

    private static async Task<Ok<KeySet>> KeysAsync(DistributionDb db, CancellationToken cancellation)
    {
        using var key = await KeyAsync(db, cancellation);
        var q = key.ExportParameters(false).Q;
        return TypedResults.Ok(new KeySet([new("EC", "P-256", Base64UrlEncoder.Encode(q.X), Base64UrlEncoder.Encode(q.Y), "sig", "ES256")]));
    }

    /// <summary>The key of all replicas, made by whoever needs it first.</summary>
    private static async Task<ECDsa> KeyAsync(DistributionDb db, CancellationToken cancellation)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await db.Database.ExecuteSqlAsync($"INSERT INTO signing_key (private_key) SELECT {made.ExportPkcs8PrivateKey()} WHERE NOT EXISTS (SELECT 1 FROM signing_key) ON CONFLICT DO NOTHING", cancellation);
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(await db.Database.SqlQuery<byte[]>($"""SELECT private_key AS "Value" FROM signing_key""").ToAsyncEnumerable().SingleAsync(cancellation), out _);
        return key;
    }
}
