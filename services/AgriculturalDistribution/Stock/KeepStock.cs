using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Stock;

/// <summary>What comes to a centre, goes to another one, is lost or given back. Each is a line of the ledger, which stays.</summary>
internal static class KeepStock
{
    private static readonly string[] Keepers = [Roles.Promoter, Roles.UnitHead];

    public static void MapKeepStock(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPost("/{id:guid}/lots", NameLotAsync).WithName("NameLot").Idempotent().Allow("distribution.write", Keepers).WithSummary("Anotar un lote de un artículo: su código, quién lo entrega y hasta cuándo sirve");
        campaigns.MapPost("/{id:guid}/stock/receipts", ReceiveAsync).WithName("ReceiveStock").Idempotent().Allow("distribution.write", Keepers).WithSummary("Anotar lo que llegó a un centro, con su documento");
        campaigns.MapPost("/{id:guid}/stock/transfers", TransferAsync).WithName("TransferStock").Idempotent().Allow("distribution.write", Keepers).WithSummary("Pasar algo de un centro a otro");
        campaigns.MapPost("/{id:guid}/stock/damages", DamageAsync).WithName("RecordDamage").Idempotent().Allow("distribution.write", Keepers).WithSummary("Anotar lo que se dañó o se perdió, y por qué");
        campaigns.MapPost("/{id:guid}/stock/returns", ReturnAsync).WithName("ReturnStock").Idempotent().Allow("distribution.write", Keepers).WithSummary("Anotar lo que se devolvió a su dueño");
        campaigns.MapPost("/{id:guid}/stock/corrections", CorrectAsync).WithName("CorrectStock").Idempotent().Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Corregir lo que se contó mal, con su motivo").WithDescription("Negativa si había menos de lo anotado.");
    }

    internal sealed record NewLot([Between(1, 50)] int Article, [PublicText(60)] string Code, [PublicText(150)] string Supplier, DateOnly? ExpiresOn = null)
    {
        public static NewLot Example => new(1, "L-2027-014", "Semillas Inventadas, S.A.", new(2027, 12, 31));
    }

    internal sealed record LotView(int Number, int Article, string Code, string Supplier, DateOnly? ExpiresOn)
    {
        public static LotView Example => new(1, 1, "L-2027-014", "Semillas Inventadas, S.A.", new(2027, 12, 31));

        public static LotView Of(Lot l) => new(l.Number, l.Article, l.Code, l.Supplier, l.ExpiresOn);
    }

    /// <param name="Centre">Its number.</param>
    /// <param name="Lot">Its number.</param>
    /// <param name="Quantity">In the article's unit.</param>
    /// <param name="Document">The paper that came with it.</param>
    /// <param name="On">When it came.</param>
    /// <param name="Note">What else there is to say.</param>
    internal sealed record Receipt([Between(1, 200)] int Centre, [Between(1, 10_000)] int Lot, decimal Quantity, [PublicText(100)] string Document, DateOnly On, [PublicText(500)] string? Note = null)
    {
        public static Receipt Example => new(1, 1, 22_000, "Nota de remisión 4411", new(2027, 4, 20));
    }

    internal sealed record Transfer([Between(1, 200)] int From, [Between(1, 200)] int To, [Between(1, 10_000)] int Lot, decimal Quantity, DateOnly On, [PublicText(100)] string? Document = null, [PublicText(500)] string? Note = null)
    {
        public static Transfer Example => new(1, 2, 1, 2_200, new(2027, 4, 22), "Vale 17");
    }

    internal sealed record Loss([Between(1, 200)] int Centre, [Between(1, 10_000)] int Lot, decimal Quantity, DateOnly On, [PublicText(500)] string Note, [PublicText(100)] string? Document = null)
    {
        public static Loss Example => new(1, 1, 22, new(2027, 4, 23), "Un saco se mojó en la bodega.");
    }

    internal sealed record EntryView(Guid Id, int Centre, int Lot, StockKind Kind, decimal Quantity, Guid? Transfer, string? Document, string? Note, DateOnly On, DateTimeOffset RecordedAt)
    {
        public static EntryView Example => new(Examples.Id, 1, 1, StockKind.Receipt, 22_000, null, "Nota de remisión 4411", null, new(2027, 4, 20), Examples.Instant);

        public static EntryView Of(StockEntry e) => new(e.Id, e.Centre, e.Lot, e.Kind, e.Quantity, e.Transfer, e.Document, e.Note, e.HappenedOn, e.RecordedAt);
    }

    private static async Task<Results<Created<LotView>, ProblemHttpResult>> NameLotAsync(Guid id, NewLot request, DistributionDb db, CancellationToken cancellation)
    {
        await using var step = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Campaign>(id, cancellation); // Numbers are given once.
        if (await RunningAsync(db, id, cancellation) is false)
            return Problems.NotFound();
        Rule.That(await db.Articles.AnyAsync(a => a.CampaignId == id && a.Number == request.Article, cancellation), "unknown_article", "La campaña no tiene un artículo con ese número.", "/article");
        Rule.That(request.ExpiresOn is null || request.ExpiresOn.Value.Year is >= 2000 and <= 2110, "expiry", "Esa fecha no es la de un lote.", "/expiresOn");
        var lot = new Lot
        {
            CampaignId = id, Number = (await db.Lots.Where(l => l.CampaignId == id).MaxAsync(l => (int?)l.Number, cancellation) ?? 0) + 1, Article = request.Article, Code = request.Code.Trim(),
            Supplier = request.Supplier.Trim(), ExpiresOn = request.ExpiresOn,
        };
        db.Add(lot);
        await db.SaveChangesAsync(cancellation);
        await step.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/distribution/campaigns/{id}/lots", LotView.Of(lot));
    }

    private static Task<Results<Created<List<EntryView>>, ProblemHttpResult>> ReceiveAsync(Guid id, Receipt request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        EnterAsync(db, http, time, id, request.On, cancellation, ("/centre", request.Centre, StockKind.Receipt, request.Lot, request.Quantity, request.Document, request.Note));

    private static Task<Results<Created<List<EntryView>>, ProblemHttpResult>> TransferAsync(Guid id, Transfer request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        Rule.That(request.From != request.To, "same_centre", "Se pasa de un centro a otro.", "/to");
        (string, int, StockKind, int, decimal, string?, string?)[] sides =
        [
            ("/from", request.From, StockKind.TransferOut, request.Lot, -request.Quantity, request.Document, request.Note),
            ("/to", request.To, StockKind.TransferIn, request.Lot, request.Quantity, request.Document, request.Note),
        ];
        return EnterAsync(db, http, time, id, request.On, cancellation, sides);
    }

    private static Task<Results<Created<List<EntryView>>, ProblemHttpResult>> DamageAsync(Guid id, Loss request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        EnterAsync(db, http, time, id, request.On, cancellation, ("/centre", request.Centre, StockKind.Damage, request.Lot, -request.Quantity, request.Document, request.Note));

    private static Task<Results<Created<List<EntryView>>, ProblemHttpResult>> ReturnAsync(Guid id, Loss request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        EnterAsync(db, http, time, id, request.On, cancellation, ("/centre", request.Centre, StockKind.Return, request.Lot, -request.Quantity, request.Document, request.Note));

    private static Task<Results<Created<List<EntryView>>, ProblemHttpResult>> CorrectAsync(Guid id, Loss request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        EnterAsync(db, http, time, id, request.On, cancellation, ("/centre", request.Centre, StockKind.Correction, request.Lot, request.Quantity, request.Document, request.Note));

    /// <summary>Writes lines of one day, those of the lower centre first, so that two transfers that cross each other never wait in a circle.</summary>
    private static async Task<Results<Created<List<EntryView>>, ProblemHttpResult>> EnterAsync(
        DistributionDb db, HttpContext http, TimeProvider time, Guid campaign, DateOnly on, CancellationToken cancellation,
        params (string At, int Centre, StockKind Kind, int Lot, decimal Quantity, string? Document, string? Note)[] lines)
    {
        Rule.NotInFuture(on, time.GetUtcNow(), "/on");
        StockEntry.RequireQuantity(Math.Abs(lines[0].Quantity), "/quantity");
        Rule.That(lines[0].Kind == StockKind.Correction || (lines[0].Kind == StockKind.Receipt) == (lines[0].Quantity > 0), "quantity", "La cantidad es mayor que cero, con dos decimales a lo más.", "/quantity");
        await using var step = await db.BeginStepAsync(cancellation);
        if (await RunningAsync(db, campaign, cancellation) is false)
            return Problems.NotFound();
        Rule.That(await db.Lots.AnyAsync(l => l.CampaignId == campaign && l.Number == lines[0].Lot, cancellation), "unknown_lot", "La campaña no tiene un lote con ese número.", "/lot");
        var centres = await db.Centres.Where(c => c.CampaignId == campaign).Select(c => c.Number).ToListAsync(cancellation);
        Guid? transfer = lines.Length > 1 ? Guid.CreateVersion7() : null;
        var entries = new List<StockEntry>();
        foreach (var line in lines.OrderBy(l => l.Centre))
        {
            Rule.That(centres.Contains(line.Centre), "unknown_centre", "La campaña no tiene un centro con ese número.", line.At);
            var entry = new StockEntry
            {
                CampaignId = campaign, Centre = line.Centre, Lot = line.Lot, Kind = line.Kind, Quantity = line.Quantity, Transfer = transfer, Document = line.Document?.Trim(), Note = line.Note?.Trim(),
                HappenedOn = on, RecordedBy = Access.CallerOf(http.User), RecordedAt = time.GetUtcNow(),
            };
            db.Add(entry);
            await db.SaveChangesAsync(cancellation); // Each by itself: together the framework would choose their order.
            entries.Add(entry);
        }
        await step.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/distribution/campaigns/{campaign}/stock/entries", entries.ConvertAll(EntryView.Of));
    }

    /// <summary>Whether there is such a campaign; one that ended takes nothing any more.</summary>
    private static async Task<bool> RunningAsync(DistributionDb db, Guid campaign, CancellationToken cancellation)
    {
        var state = await db.Campaigns.Where(c => c.Id == campaign).Select(c => (CampaignState?)c.State).SingleOrDefaultAsync(cancellation);
        // What was there when a campaign was called off still goes somewhere.
        Rule.State(state is null or CampaignState.Draft or CampaignState.Approved or CampaignState.Cancelled, "campaign_ended", "La campaña ya terminó.");
        return state is not null;
    }
}
