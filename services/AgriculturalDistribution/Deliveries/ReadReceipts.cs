using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Roster;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Deliveries;

internal static class ReadReceipts
{
    public static void MapReadReceipts(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapGet("/{id:guid}/receipts", ListAsync).WithName("ListReceipts").Allow("distribution.read", ReadCampaigns.Readers)
            .WithSummary("Comprobantes de una campaña, sin datos de personas").WithDescription("Con state=under-review, los que la jefatura tiene que resolver: de uno repetido dice cuáles otros hay del mismo paquete.");
        campaigns.MapGet("/{id:guid}/receipts/{receipt:guid}/print", PrintAsync).WithName("PrintReceipt").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .Produces<string>(200, "text/html").WithSummary("Comprobante para imprimir, con la firma o huella").WithDescription("Lleva datos personales: queda anotado quién lo abrió.");
    }

    public static void MapPublicReceipts(this IEndpointRouteBuilder pages) =>
        pages.MapGet("/receipts/{receipt:guid}", CheckAsync).WithName("CheckReceipt").AllowAnonymous()
            .Produces<string>(200, "text/html").Produces<string>(404, "text/html").WithSummary("Página pública de un comprobante: si vale, y nada de la persona");

    /// <summary>
    /// A receipt without its person; others are receipts of the same package of the same person, for whoever reviews; decisions
    /// are all that were taken about it, in their order; replaces is what was lost, why it is given once more, and who agreed.
    /// </summary>
    internal sealed record ReceiptLine(
        Guid Id, ReceiptState State, Review? Review, Act Act, int Package, DeliveryKind Kind, int Centre, DateTimeOffset HandedAt, bool ByDeputy, DateTimeOffset RecordedAt,
        IReadOnlyList<DecisionView> Decisions, ReplacedView? Replaces, IReadOnlyList<Guid> Others)
    {
        public static ReceiptLine Example => new(
            Examples.Id, ReceiptState.UnderReview, Deliveries.Review.Twice, Deliveries.Act.Delivery, 1, DeliveryKind.Original, 1, Examples.Instant, false, Examples.Instant, [DecisionView.Example], null,
            [Examples.OtherId]);
    }

    /// <param name="State">What it became.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="By">Subject of whoever decided.</param>
    /// <param name="At">When.</param>
    internal sealed record DecisionView(ReceiptState State, string Reason, string By, DateTimeOffset At)
    {
        public static DecisionView Example => new(ReceiptState.Excess, "Las dos entregas ocurrieron: la familia devolverá una.", "jefa.inventada", Examples.Instant);
    }

    /// <param name="Receipt">Of the original.</param>
    /// <param name="Cause">Why it is given once more.</param>
    /// <param name="ApprovedBy">Subject of whoever agreed.</param>
    /// <param name="ApprovedAt">When.</param>
    internal sealed record ReplacedView(Guid Receipt, string Cause, string ApprovedBy, DateTimeOffset ApprovedAt);

    private sealed record Row(
        Guid Id, string State, string? Review, string Act, int Package, string Kind, int Centre, DateTimeOffset HandedAt, bool ByDeputy, DateTimeOffset RecordedAt, string Decisions, Guid? Replaces, string? Cause,
        string? ApprovedBy, DateTimeOffset? ApprovedAt, Guid[] Others);

    private static async Task<Results<Ok<Page<ReceiptLine>>, ProblemHttpResult>> ListAsync(
        Guid id, DistributionDb db, Choice<ReceiptState>? state = null, int? centre = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Campaigns.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var wanted = state is { Value: var s } ? Choice<ReceiptState>.NameOf(s) : null;
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            SELECT r.id AS "Id", r.state AS "State", r.review AS "Review", r.act AS "Act", r.package AS "Package", r.kind AS "Kind", r.centre AS "Centre", r.handed_at AS "HandedAt", r.deputy_id IS NOT NULL AS "ByDeputy",
                r.recorded_at AS "RecordedAt", e.replaces AS "Replaces", e.cause AS "Cause", e.approved_by AS "ApprovedBy", e.approved_at AS "ApprovedAt",
                (SELECT coalesce(jsonb_agg(jsonb_build_object('state', d.state, 'reason', d.reason, 'by', d.decided_by, 'at', d.decided_at) ORDER BY d.number), '[]')::text FROM receipt_decision d WHERE d.receipt_id = r.id) AS "Decisions",
                ARRAY(SELECT o.id FROM receipt o WHERE (o.campaign_id, o.package, o.kind, o.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id) AND o.id <> r.id ORDER BY o.id LIMIT 20) AS "Others"
            FROM receipt r JOIN entitlement e ON (e.campaign_id, e.package, e.kind, e.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id) WHERE r.campaign_id = {id} AND ({wanted}::text IS NULL OR r.state = {wanted}) AND ({centre}::int IS NULL OR r.centre = {centre}) AND ({after}::uuid IS NULL OR r.id > {after}) ORDER BY r.id LIMIT {size + 1}
            """).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(rows.ConvertAll(r => new ReceiptLine(
            r.Id, Choice<ReceiptState>.Parse(r.State), r.Review is null ? null : Choice<Review>.Parse(r.Review), Choice<Act>.Parse(r.Act), r.Package, Choice<DeliveryKind>.Parse(r.Kind), r.Centre, r.HandedAt, r.ByDeputy,
            r.RecordedAt, JsonSerializer.Deserialize<List<DecisionView>>(r.Decisions, EventJson.Options)!, r.Replaces is { } original ? new(original, r.Cause!, r.ApprovedBy!, r.ApprovedAt!.Value) : null, r.Others)), size, r => r.Id.ToString()));
    }

    private sealed record Printed(
        Guid BeneficiaryId, string Names, string Dui, string Campaign, string Owner, string Season, string Package, string Kind, string Centre, string Act, string State, DateTimeOffset HandedAt, int? Number,
        string? Deputy, string? DeputyDui, string? Authorisation, string? EvidenceKind, string? EvidenceType, byte[]? Evidence, string? Decision, DateTimeOffset? OriginalAt, string? Cause,
        string? ApprovedBy, DateTimeOffset? ApprovedAt);

    private sealed record Line(string Article, string Unit, string Lot, decimal Quantity);

    private static async Task<IResult> PrintAsync(Guid id, Guid receipt, DistributionDb db, PersonalReads reads, HttpContext http, IConfiguration configuration, CancellationToken cancellation)
    {
        var printed = await db.Database.SqlQuery<Printed>(
            $"""
            SELECT b.id AS "BeneficiaryId", b.given_names || ' ' || b.surnames AS "Names", b.dui AS "Dui", c.name AS "Campaign", c.owner_name AS "Owner", c.season AS "Season", p.name AS "Package", r.kind AS "Kind", n.name AS "Centre",
                r.act AS "Act", r.state AS "State", r.handed_at AS "HandedAt", s.number AS "Number", o.names AS "Deputy", o.dui AS "DeputyDui", r.authorisation AS "Authorisation", r.evidence_kind AS "EvidenceKind",
                r.evidence_type AS "EvidenceType", r.evidence AS "Evidence", r.decision AS "Decision",
                original.handed_at AS "OriginalAt", e.cause AS "Cause", e.approved_by AS "ApprovedBy", e.approved_at AS "ApprovedAt"
            FROM receipt r JOIN beneficiary b ON b.id = r.beneficiary_id JOIN campaign c ON c.id = r.campaign_id JOIN package_kind p ON p.campaign_id = c.id AND p.number = r.package
            JOIN centre n ON n.campaign_id = c.id AND n.number = r.centre LEFT JOIN summons s ON s.campaign_id = c.id AND s.beneficiary_id = b.id LEFT JOIN outsider o ON o.id = r.deputy_id
            JOIN entitlement e ON (e.campaign_id, e.package, e.kind, e.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id) LEFT JOIN receipt original ON original.id = e.replaces
            WHERE r.id = {receipt} AND r.campaign_id = {id}
            """).SingleOrDefaultAsync(cancellation);
        if (printed is null)
            return Problems.NotFound();
        var lines = await db.Database.SqlQuery<Line>(
            $"""
            SELECT a.name AS "Article", a.unit AS "Unit", l.code AS "Lot", i.quantity AS "Quantity" FROM receipt r CROSS JOIN LATERAL jsonb_to_recordset(r.items) AS i (lot int, quantity numeric)
            JOIN lot l ON l.campaign_id = r.campaign_id AND l.number = i.lot JOIN article a ON a.campaign_id = l.campaign_id AND a.number = l.article WHERE r.id = {receipt} ORDER BY a.number, l.number
            """).ToListAsync(cancellation);
        await reads.NoteAsync("receipt", printed.BeneficiaryId, cancellation);
        var state = Choice<ReceiptState>.Parse(printed.State);
        var parts = state == ReceiptState.Counted && printed.Act == "delivery" ? await PartsAsync(db, receipt, cancellation) : [];
        var paper = new ReceiptPaper(
            printed.Campaign, printed.Owner, printed.Season, printed.Package, printed.Kind == "replacement", parts.Exists(p => p.IsPart), printed.Centre, printed.Act == "refusal", printed.HandedAt.Local().InWords(), printed.Names, Dui.Mask(printed.Dui),
            printed.Number?.ToString(CultureInfo.InvariantCulture), printed.Deputy, printed.DeputyDui is null ? null : Dui.Mask(printed.DeputyDui), printed.Authorisation, printed.EvidenceKind == "fingerprint" ? "Huella" : "Firma",
            printed.Evidence is null ? null : $"data:{printed.EvidenceType};base64,{Convert.ToBase64String(printed.Evidence)}",
            [.. lines.Select(l => (l.Article, $"{l.Quantity:0.##} {l.Unit}", l.Lot))], [.. parts.Where(p => p.Due > 0).Select(p => p.InWords(p.Due))],
            printed.OriginalAt is { } original ? $"La entrega del {original.LocalDate().Day()}. Motivo: {printed.Cause} Aprobó {printed.ApprovedBy}, el {printed.ApprovedAt!.Value.LocalDate().Day()}." : null,
            state switch { ReceiptState.Reversed => "REVERTIDO: ESTE COMPROBANTE NO VALE", ReceiptState.UnderReview => "EN REVISIÓN", ReceiptState.Excess => "SE ENTREGÓ DE MÁS", _ => null }, printed.Decision,
            configuration["PublicUrl"] is { } home ? new Uri($"{home.TrimEnd('/')}/v1/distribution/public/receipts/{receipt}") : null);
        return Html.Page<ReceiptPage>(http, new() { ["Paper"] = paper });
    }

    private sealed record Part(string Article, string Unit, decimal InPackage, decimal Here, decimal Due)
    {
        /// <summary>Whether the receipt is about less than is in the package.</summary>
        public bool IsPart => Here < InPackage;

        public string InWords(decimal quantity) => $"{quantity.ToString("#,##0.##", CultureInfo.InvariantCulture)} {Unit} de {Article}";
    }

    /// <summary>What of its package a receipt is about, and what of it is due now.</summary>
    private static Task<List<Part>> PartsAsync(DistributionDb db, Guid receipt, CancellationToken cancellation) => db.Database.SqlQuery<Part>(
        $"""
        SELECT a.name AS "Article", a.unit AS "Unit", c.quantity AS "InPackage", coalesce(i.quantity, 0) AS "Here", greatest(c.quantity - coalesce(h.quantity, 0), 0) AS "Due"
        FROM receipt r JOIN package_component c ON c.campaign_id = r.campaign_id AND c.package = r.package JOIN article a ON a.campaign_id = c.campaign_id AND a.number = c.article
        LEFT JOIN LATERAL handed(r.campaign_id, r.package, r.kind, r.beneficiary_id) h ON h.article = c.article
        LEFT JOIN LATERAL (SELECT sum(i.quantity) AS quantity FROM jsonb_to_recordset(r.items) AS i (lot int, quantity numeric) JOIN lot l ON l.campaign_id = r.campaign_id AND l.number = i.lot WHERE l.article = c.article) i ON true
        WHERE r.id = {receipt} ORDER BY c.article
        """).ToListAsync(cancellation);

    private sealed record Checked(string State, string Act, string Package, string Campaign, bool IsOpen, string Centre, DateOnly On);

    private static async Task<IResult> CheckAsync(Guid receipt, DistributionDb db, HttpContext http, CancellationToken cancellation)
    {
        var seen = await db.Database.SqlQuery<Checked>(
            $"""
            SELECT r.state AS "State", r.act AS "Act", p.name AS "Package", c.name AS "Campaign", c.state = 'approved' AS "IsOpen", n.name AS "Centre", r.handed_on AS "On" FROM receipt r JOIN campaign c ON c.id = r.campaign_id
            JOIN package_kind p ON p.campaign_id = c.id AND p.number = r.package JOIN centre n ON n.campaign_id = c.id AND n.number = r.centre WHERE r.id = {receipt}
            """).SingleOrDefaultAsync(cancellation);
        var parts = seen is { Act: "delivery", State: "counted" } ? await PartsAsync(db, receipt, cancellation) : [];
        var (isPart, due) = (parts.Exists(p => p.IsPart), parts.FindAll(p => p.Due > 0));
        var (words, isGood) = seen is null ? ("No hay un comprobante con ese código", false) : (Choice<ReceiptState>.Parse(seen.State), seen.Act) switch
        {
            (ReceiptState.Counted, "refusal") => ("La persona no quiso el paquete", true),
            (ReceiptState.Counted, _) when isPart => ("El comprobante vale por una parte del paquete", true),
            (ReceiptState.Counted, _) => ("El comprobante vale: el paquete se entregó completo", true),
            (ReceiptState.UnderReview, _) => ("El comprobante está en revisión", false),
            (ReceiptState.Reversed, _) => ("El comprobante no vale: se revirtió", false),
            _ => ("El paquete se entregó de más", false),
        };
        return Html.Page<CheckPage>(http, new()
        {
            ["Words"] = words, ["IsGood"] = isGood, ["Package"] = seen?.Package, ["Campaign"] = seen?.Campaign, ["Centre"] = seen?.Centre, ["Day"] = seen?.On.Day(),
            ["Here"] = isPart ? string.Join(", ", parts.Where(p => p.Here > 0).Select(p => p.InWords(p.Here))) : null,
            ["Due"] = !isPart ? null : due.Count == 0 ? "Nada: lo demás se entregó con otro comprobante" : string.Join(", ", due.Select(p => p.InWords(p.Due))) + (seen!.IsOpen ? "" : " (la campaña ya terminó)"),
        }, seen is null ? 404 : 200);
    }
}

/// <summary>A receipt as it is printed.</summary>
public sealed record ReceiptPaper(
    string Campaign, string Owner, string Season, string Package, bool IsReplacement, bool IsPart, string Centre, bool IsRefusal, string HandedAt, string Names, string Dui, string? Number, string? Deputy, string? DeputyDui,
    string? Authorisation, string Mark, string? Image, IReadOnlyList<(string Article, string Quantity, string Lot)> Lines, IReadOnlyList<string> Due, string? Replaces, string? Warning, string? Decision, Uri? Address);
