using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ProyeccionSocial.AgriculturalDistribution.Closings;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Stock;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Deliveries;

/// <summary>What the unit's head decides about a receipt: it was not so, or what becomes of one that is under review.</summary>
internal static class DecideReceipt
{
    public static void MapDecideReceipt(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPost("/{id:guid}/receipts/{receipt:guid}/reversal", ReverseAsync).WithName("ReverseReceipt").Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Revertir un comprobante: lo entregado vuelve al libro y se le debe otra vez a la persona")
            .WithDescription("goodsBack dice si lo entregado volvió al centro; si no volvió, se anota también su pérdida. Un comprobante revertido queda.");
        campaigns.MapPost("/{id:guid}/receipts/{receipt:guid}/review", ReviewAsync).WithName("ReviewReceipt").Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Resolver un comprobante en revisión: cuenta, o se entregó de más")
            .WithDescription("Para uno que no fue así está la reversión.");
    }

    internal sealed record Reversal([PublicText(500)] string Reason, bool GoodsBack = true)
    {
        public static Reversal Example => new("Se anotó a la persona equivocada.");
    }

    /// <param name="Accepted">Whether it counts as the person's package; otherwise it was handed over in excess.</param>
    /// <param name="Reason">Why.</param>
    internal sealed record Decision(bool Accepted, [PublicText(500)] string Reason)
    {
        public static Decision Example => new(false, "Las dos entregas ocurrieron: la familia devolverá una.");
    }

    internal sealed record DecidedView(Guid Id, ReceiptState State, string PackageState)
    {
        public static DecidedView Example => new(Examples.Id, ReceiptState.Reversed, "authorised");
    }

    private static Task<Results<Ok<DecidedView>, ProblemHttpResult>> ReverseAsync(
        Guid id, Guid receipt, Reversal request, NpgsqlDataSource database, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        DecideAsync(id, receipt, ReceiptState.Reversed, request.Reason.Trim(), database, db, http, time, (seen, step) =>
        {
            Rule.State(seen.State is ReceiptState.Counted or ReceiptState.UnderReview, "receipt_decided", "Ese comprobante ya se revirtió o se resolvió.");
            Rule.State(!seen.IsReplaced, "receipt_replaced", "De esa entrega ya se aprobó una reposición.");
            if (!seen.IsDrawn)
                return;
            step.Add(Counter.Lines(receipt, id, seen.Centre, StockKind.Reversal, seen.Items, time.Today(), Access.CallerOf(http.User), time.GetUtcNow()));
            if (!request.GoodsBack)
                step.Add(Counter.Lines(receipt, id, seen.Centre, StockKind.Damage, seen.Items, time.Today(), Access.CallerOf(http.User), time.GetUtcNow(), $"No volvió al centro: {request.Reason.Trim()}"));
        }, cancellation);

    private static Task<Results<Ok<DecidedView>, ProblemHttpResult>> ReviewAsync(
        Guid id, Guid receipt, Decision request, NpgsqlDataSource database, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        DecideAsync(id, receipt, request.Accepted ? ReceiptState.Counted : ReceiptState.Excess, request.Reason.Trim(), database, db, http, time, (seen, step) =>
        {
            Rule.State(seen.State == ReceiptState.UnderReview, "receipt_decided", "Ese comprobante no está en revisión.");
            // What left the centre is in its ledger, unless the centre gave its account before it was known.
            if (!seen.IsDrawn && seen.Items.Count > 0 && !seen.IsCentreClosed)
                step.Add(Counter.Lines(receipt, id, seen.Centre, StockKind.Delivery, seen.Items, seen.HandedOn, Access.CallerOf(http.User), time.GetUtcNow()));
        }, cancellation);

    private sealed record Seen(ReceiptState State, int Centre, IReadOnlyList<ItemView> Items, DateOnly HandedOn, bool IsDrawn, bool IsReplaced, bool IsCentreClosed);

    private static async Task<Results<Ok<DecidedView>, ProblemHttpResult>> DecideAsync(
        Guid id, Guid receipt, ReceiptState to, string reason, NpgsqlDataSource database, DistributionDb db, HttpContext http, TimeProvider time, Action<Seen, NpgsqlBatchCommandCollection> step, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var look = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Counter.Command("SELECT 1 FROM campaign WHERE id = $1 FOR KEY SHARE", Counter.P(id)),
                // The package before its receipt, as at the counter.
                Counter.Command(
                    """
                    SELECT 1 FROM entitlement e WHERE (e.campaign_id, e.package, e.kind, e.beneficiary_id) = (SELECT campaign_id, package, kind, beneficiary_id FROM receipt WHERE id = $1) FOR UPDATE
                    """, Counter.P(receipt)),
                Counter.Command(
                    """
                    SELECT r.state, r.centre, r.items, r.handed_on, EXISTS (SELECT 1 FROM stock_entry WHERE receipt_id = r.id), r.kind = 'original' AND EXISTS (SELECT 1 FROM entitlement x WHERE x.campaign_id = r.campaign_id AND x.package = r.package AND x.kind = 'replacement' AND x.beneficiary_id = r.beneficiary_id AND x.state <> 'rejected'),
                        EXISTS (SELECT 1 FROM centre_closing k WHERE k.campaign_id = r.campaign_id AND k.centre = r.centre), c.state = 'approved'
                    FROM receipt r JOIN campaign c ON c.id = r.campaign_id WHERE r.id = $1 AND r.campaign_id = $2
                    """, Counter.P(receipt), Counter.P(id)),
            },
        })
        await using (var reader = await look.ExecuteReaderAsync(cancellation))
        {
            await reader.NextResultAsync(cancellation);
            await reader.NextResultAsync(cancellation);
            if (!await reader.ReadAsync(cancellation))
                return Problems.NotFound();
            Rule.State(reader.GetBoolean(7), "campaign_ended", "La campaña ya terminó.");
            var seen = new Seen(
                Choice<ReceiptState>.Parse(reader.GetString(0)), reader.GetInt32(1), JsonSerializer.Deserialize<List<ItemView>>(reader.GetString(2), EventJson.Options)!, reader.GetFieldValue<DateOnly>(3),
                reader.GetBoolean(4), reader.GetBoolean(5), reader.GetBoolean(6));
            await reader.CloseAsync();
            await using var batch = new NpgsqlBatch(connection);
            // Counted first, so that the ledger's lines are held to what is in the package.
            batch.BatchCommands.Add(Counter.Command("UPDATE receipt SET state = $2, decided_by = $3, decided_at = $4, decision = $5 WHERE id = $1",
                Counter.P(receipt), Counter.P(Choice<ReceiptState>.NameOf(to)), Counter.P(Access.CallerOf(http.User)), Counter.P(time.GetUtcNow()), Counter.P(reason)));
            step(seen, batch.BatchCommands);
            batch.BatchCommands.Add(Counter.Command("SELECT settle($1)", Counter.P(receipt)));
            // What comes back to somebody comes back only as far as the roster, and no incident, takes it away.
            batch.BatchCommands.Add(Counter.Command("SELECT withdraw(campaign_id, beneficiary_id) FROM receipt WHERE id = $1", Counter.P(receipt)));
            await batch.ExecuteNonQueryAsync(cancellation);
        }
        await using var state = new NpgsqlCommand(
            "SELECT e.state FROM entitlement e JOIN receipt r ON (e.campaign_id, e.package, e.kind, e.beneficiary_id) = (r.campaign_id, r.package, r.kind, r.beneficiary_id) WHERE r.id = $1", connection) { Parameters = { Counter.P(receipt) } };
        var packageState = (string)(await state.ExecuteScalarAsync(cancellation))!;
        await transaction.CommitAsync(cancellation);
        await TellDays.ApplyAsync(db, time, cancellation);
        return TypedResults.Ok(new DecidedView(receipt, to, packageState));
    }
}
