using Microsoft.AspNetCore.Http.HttpResults;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Deliveries;

/// <summary>At the counter: a package is handed over, whole or in part, or refused.</summary>
internal static class RecordReceipt
{
    public static void MapRecordReceipt(this IEndpointRouteBuilder campaigns) =>
        campaigns.MapPut("/{id:guid}/receipts/{receipt:guid}", RecordAsync).WithName("RecordReceipt").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Entregar un paquete, o anotar que la persona no lo quiso")
            .WithDescription("El identificador del comprobante lo hace la aplicación (UUID): repetida la misma entrega, contesta el mismo comprobante. La persona se da por su DUI o por el código de su convocatoria, nunca en la dirección. Sin items se entrega todo lo que se le debe; lo que falte se completa otro día con otro comprobante.");

    /// <param name="Article">Its number in the campaign.</param>
    /// <param name="Quantity">In its unit; without it, all that is due of it.</param>
    internal sealed record Item([Between(1, 50)] int Article, decimal? Quantity = null)
    {
        public static Item Example => new(1, 22);
    }

    /// <param name="Centre">Its number.</param>
    /// <param name="Package">Its number.</param>
    /// <param name="Evidence">Of whoever collects; a refusal may go without.</param>
    /// <param name="Dui">Of the person who gets it.</param>
    /// <param name="Code">Of their summons, instead of the DUI.</param>
    /// <param name="Act">What happened.</param>
    /// <param name="Kind">Whether it is a replacement that was approved.</param>
    /// <param name="Items">What is handed over; without them, all that is due.</param>
    /// <param name="Deputy">Who collects, when it is not the person.</param>
    internal sealed record CounterRequest(
        [Between(1, 200)] int Centre, [Between(1, 15)] int Package, EvidenceContent? Evidence = null, [Dui] string? Dui = null, Guid? Code = null, Act Act = Act.Delivery,
        DeliveryKind Kind = DeliveryKind.Original, [Count(1, 20)] IReadOnlyList<Item>? Items = null, DeputyContent? Deputy = null)
    {
        public static CounterRequest Example => new(1, 1, EvidenceContent.Example, "90000001-7");
    }

    private static async Task<Results<Created<ReceiptView>, Ok<ReceiptView>, ProblemHttpResult>> RecordAsync(
        Guid id, Guid receipt, CounterRequest request, Counter counter, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var act = new CounterAct(
            receipt, id, request.Centre, PersonReference.Of(request.Dui, request.Code), request.Package, request.Kind, request.Act,
            request.Act == Act.Refusal ? [] : [.. (request.Items ?? []).Select(i => new CounterItem(i.Article, 0, i.Quantity))], request.Evidence, request.Deputy, time.GetUtcNow(), Access.CallerOf(http.User));
        if (await counter.HandOverAsync(act, Access.IsAllowed(http.User, "distribution.write", [Roles.UnitHead]), cancellation) is not var (view, isNew))
            return Problems.NotFound();
        return isNew ? TypedResults.Created($"/v1/distribution/campaigns/{id}/receipts/{receipt}", view) : TypedResults.Ok(view);
    }
}
