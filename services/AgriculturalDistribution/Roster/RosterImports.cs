using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.Imports;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Roster;

/// <summary>The owner's file comes in, is watched, shows what it would change, and is confirmed or discarded.</summary>
internal static class RosterImports
{
    private const int LargestFile = 128 * 1024 * 1024;
    private static readonly string[] Unit = [Roles.Promoter, Roles.UnitHead];

    public static void MapRosterImports(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPost("/{id:guid}/roster/imports", StartAsync).WithName("StartRosterImport").TakesLong().Idempotent().Allow("distribution.write", Unit)
            .Accepts<string>("text/csv").WithMetadata(new RequestSizeLimitAttribute(LargestFile))
            .WithSummary("Importar el padrón de una campaña, tal como lo entrega su dueño")
            .WithDescription(
                $"CSV en UTF-8 o Latin-1, con coma, punto y coma o tabulador. Columnas: {string.Join(", ", ImportRoster.Names.Select(n => n.Split('|')[0]))}, también por sus nombres en español; "
                + "desde phone son optativas. packages lleva los códigos de los paquetes, separados por una barra. Responde 202 con el trabajo que se puede consultar. "
                + "El primer padrón entra de una vez; uno que cambia otro queda en ready hasta que alguien vea la diferencia y la confirme.");
        campaigns.MapGet("/{id:guid}/roster/imports/{job:guid}", WatchAsync).WithName("GetRosterImport").Allow("distribution.read", ReadCampaigns.Readers)
            .WithSummary("Ver el avance de un padrón y qué cambia: added, changed y removed");
        campaigns.MapGet("/{id:guid}/roster/imports/{job:guid}/rejected", RejectedAsync).WithName("GetRosterRejections").Allow("distribution.write", Unit)
            .Produces<string>(200, "text/csv").WithSummary("Descargar las filas rechazadas con su motivo").WithDescription("Lleva datos personales: queda anotado quién lo descargó.");
        campaigns.MapGet("/{id:guid}/roster/imports/{job:guid}/difference", DifferenceAsync).WithName("GetRosterDifference").Allow("distribution.write", Unit)
            .Produces<string>(200, "text/csv").WithSummary("Descargar lo que un padrón cambiaría, o cambió, persona por persona").WithDescription("Lleva datos personales: queda anotado quién lo descargó.");
        campaigns.MapPost("/{id:guid}/roster/imports/{job:guid}/confirmation", ConfirmAsync).WithName("ConfirmRosterImport").Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Confirmar lo que un padrón cambia, después de ver la diferencia").WithDescription("Si el padrón cambió mientras tanto, la diferencia se muestra otra vez.");
        campaigns.MapPost("/{id:guid}/roster/imports/{job:guid}/discarding", DiscardAsync).WithName("DiscardRosterImport").Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Descartar un padrón que espera confirmación");
    }

    private static async Task<Results<Accepted<ImportView>, ProblemHttpResult>> StartAsync(Guid id, HttpContext http, DistributionDb db, ImportQueue queue, CancellationToken cancellation)
    {
        if (http.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) != true)
            return Problems.Of(415, "unsupported_media_type", "Envíe el archivo como text/csv.");
        var state = await db.Campaigns.Where(c => c.Id == id).Select(c => (CampaignState?)c.State).SingleOrDefaultAsync(cancellation);
        if (state is null)
            return Problems.NotFound();
        Rule.State(state is CampaignState.Draft or CampaignState.Approved, "campaign_ended", "La campaña ya terminó: su padrón no cambia.");
        if (http.Request.Body.CanSeek)
            http.Request.Body.Position = 0;
        return await queue.QueueAsync(ImportRoster.RosterKind, id, http.Request.Body, Access.CallerOf(http.User), cancellation) is { } job
            ? TypedResults.Accepted($"/v1/distribution/campaigns/{id}/roster/imports/{job.Id}", job)
            : Problems.Of(400, "empty_file", "El archivo está vacío.");
    }

    private static async Task<Results<Ok<ImportView>, ProblemHttpResult>> WatchAsync(Guid id, Guid job, ImportQueue queue, CancellationToken cancellation) =>
        await queue.FindAsync(ImportRoster.RosterKind, id, job, cancellation) is { } found ? TypedResults.Ok(found) : Problems.NotFound();

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> RejectedAsync(Guid id, Guid job, ImportQueue queue, PersonalReads reads, CancellationToken cancellation)
    {
        if (await queue.FindAsync(ImportRoster.RosterKind, id, job, cancellation) is null)
            return Problems.NotFound();
        await reads.NoteAsync("roster-rejections", job, cancellation);
        return Csv.RejectedRows(queue.RejectedAsync(job));
    }

    private sealed record DifferenceRow(string Change, string Dui, int? Line, string Name, string What);

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> DifferenceAsync(
        Guid id, Guid job, ImportQueue queue, DistributionDb db, PersonalReads reads, CancellationToken cancellation)
    {
        if (await queue.FindAsync(ImportRoster.RosterKind, id, job, cancellation) is null)
            return Problems.NotFound();
        await reads.NoteAsync("roster-difference", job, cancellation, await db.Database.SqlQuery<Guid>(
            $"""SELECT b.id AS "Value" FROM beneficiary b JOIN roster_difference d ON d.dui = b.dui WHERE b.campaign_id = {id} AND d.job_id = {job}""").ToListAsync(cancellation));
        var rows = db.Database.SqlQuery<DifferenceRow>(
            $"""SELECT change AS "Change", dui AS "Dui", line AS "Line", name AS "Name", what AS "What" FROM roster_difference WHERE job_id = {job} ORDER BY change, dui""").AsAsyncEnumerable();
        return Csv.File("diferencia.csv", ["cambio", "dui", "linea", "nombre", "que_cambia"], rows, static (csv, row) =>
        {
            csv.WriteField(row.Change switch { "added" => "entra", "removed" => "sale", _ => "cambia" });
            csv.WriteField(row.Dui);
            csv.WriteField(row.Line?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "");
            csv.WriteField(row.Name);
            csv.WriteField(row.What);
        });
    }

    private static Task<Results<Ok<ImportView>, ProblemHttpResult>> ConfirmAsync(Guid id, Guid job, ImportQueue queue, CancellationToken cancellation) =>
        AnswerAsync(id, job, queue, queue.ConfirmAsync, cancellation);

    private static async Task<Results<Ok<ImportView>, ProblemHttpResult>> DiscardAsync(Guid id, Guid job, DistributionDb db, ImportQueue queue, CancellationToken cancellation)
    {
        var answer = await AnswerAsync(id, job, queue, queue.DiscardAsync, cancellation);
        if (answer.Result is Ok<ImportView>)
            await db.Database.ExecuteSqlAsync($"DELETE FROM roster_difference WHERE job_id = {job}", cancellation); // Of people whom nobody took in.
        return answer;
    }

    private static async Task<Results<Ok<ImportView>, ProblemHttpResult>> AnswerAsync(
        Guid id, Guid job, ImportQueue queue, Func<Guid, CancellationToken, Task<bool>> answer, CancellationToken cancellation)
    {
        if (await queue.FindAsync(ImportRoster.RosterKind, id, job, cancellation) is null)
            return Problems.NotFound();
        Rule.State(await answer(job, cancellation), "import_not_ready", "Ese padrón no espera confirmación.");
        return TypedResults.Ok((await queue.FindAsync(ImportRoster.RosterKind, id, job, cancellation))!);
    }
}
