using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Roster;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Incidents;

/// <summary>What is wrong in a roster is reported, sent to its owner all together, and answered one by one.</summary>
internal static class ReportIncident
{
    private static readonly string[] Unit = [Roles.Promoter, Roles.UnitHead];

    public static void MapReportIncident(this IEndpointRouteBuilder campaigns)
    {
        campaigns.MapPost("/{id:guid}/incidents", ReportAsync).WithName("ReportIncident").Idempotent().Allow("distribution.write", Unit)
            .WithSummary("Anotar una incidencia del padrón: alguien que no debería estar, un dato equivocado, o quien quedó fuera")
            .WithDescription("De alguien del padrón se da el DUI. De un caserío que quedó fuera, cuántas personas faltan y, si lo reclama una asociación, cuál.");
        campaigns.MapGet("/{id:guid}/incidents", ListAsync).WithName("ListIncidents").Allow("distribution.read", ReadCampaigns.Readers).WithSummary("Incidencias de un padrón, sin datos de personas");
        campaigns.MapGet("/{id:guid}/incidents/export", ExportAsync).WithName("ExportIncidents").Allow("distribution.write", Unit)
            .Produces<string>(200, "text/csv").WithSummary("Descargar las incidencias abiertas para el dueño del padrón").WithDescription("Lleva datos personales: queda anotado quién lo descargó.");
        campaigns.MapPost("/{id:guid}/incidents/sending", SendAsync).WithName("SendIncidents").Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Anotar que las incidencias que se descargaron se enviaron al dueño del padrón, y con qué documento").WithDescription("Las que estaban en el archivo export, que lleva su número en el nombre; sin él, en el último que descargó quien lo anota. Las demás siguen abiertas.");
        campaigns.MapPost("/{id:guid}/incidents/{incident:guid}/resolution", ResolveAsync).WithName("ResolveIncident").Allow("distribution.write", Roles.UnitHead).WithSummary("Anotar lo que el dueño del padrón respondió");
    }

    internal sealed record NewIncident(
        IncidentKind Kind, [PublicText(1000)] string Description, [Dui] string? Dui = null, [PublicText(160)] string? Names = null, int? HamletId = null, [Between(1, 100_000)] int? Claimed = null,
        Guid? AssociationId = null)
    {
        public static NewIncident Example => new(IncidentKind.HamletLeftOut, "La asociación dice que no aparece nadie del caserío.", null, null, 14, 30, Examples.OtherId);
    }

    internal sealed record IncidentView(
        Guid Id, long Version, IncidentKind Kind, string Description, int? HamletId, int? Claimed, Guid? AssociationId, IncidentState State, DateTimeOffset ReportedAt, DateOnly? SentOn, string? Document,
        string? Answer, DateOnly? AnsweredOn)
    {
        public static IncidentView Example => new(
            Examples.Id, 1, IncidentKind.HamletLeftOut, "La asociación dice que no aparece nadie del caserío.", 14, 30, Examples.OtherId, IncidentState.Open, Examples.Instant, null, null, null, null);

        public static IncidentView Of(Incident i) => new(
            i.Id, i.Version, i.Kind, i.Description, i.HamletId, i.Claimed, i.AssociationId, i.State, i.ReportedAt, i.SentOn, i.Document, i.Answer, i.AnsweredOn);
    }

    /// <param name="Document">By which it was sent.</param>
    /// <param name="On">When.</param>
    /// <param name="Export">The file that was sent, by the number in its name; the last that the caller downloaded without it.</param>
    internal sealed record Sending([PublicText(100)] string Document, DateOnly On, Guid? Export = null)
    {
        public static Sending Example => new("Oficio 41/2027", new(2027, 4, 10), Examples.Id);
    }

    internal sealed record Sent(int Incidents)
    {
        public static Sent Example => new(17);
    }

    internal sealed record Resolution(bool Accepted, [PublicText(1000)] string Answer, DateOnly On)
    {
        public static Resolution Example => new(true, "Se agregan en el padrón complementario.", new(2027, 4, 20));
    }

    private static async Task<Results<Created<IncidentView>, ProblemHttpResult>> ReportAsync(
        Guid id, NewIncident request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var state = await db.Campaigns.Where(c => c.Id == id).Select(c => (CampaignState?)c.State).SingleOrDefaultAsync(cancellation);
        if (state is null)
            return Problems.NotFound();
        Rule.State(state is CampaignState.Draft or CampaignState.Approved, "campaign_ended", "La campaña ya terminó.");
        var (isListed, leftOut, hamlet) = (Incident.IsAboutListed(request.Kind), request.Kind == IncidentKind.PersonLeftOut, request.Kind == IncidentKind.HamletLeftOut);
        Rule.That((isListed || leftOut) == (request.Dui is not null), "dui_of_incident", isListed || leftOut ? "Indique el DUI de esa persona." : "Un caserío no tiene DUI.", "/dui");
        Rule.That(leftOut == (request.Names is not null), "names_of_incident", leftOut ? "Indique cómo se llama." : "El nombre se indica solo de quien no está en el padrón.", "/names");
        Rule.That(!isListed == (request.HamletId is not null), "hamlet_of_incident", isListed ? "El caserío es el del padrón." : "Indique el caserío.", "/hamletId");
        Rule.That(hamlet == (request.Claimed is not null), "claimed_of_incident", hamlet ? "Indique cuántas personas faltan." : "Cuántas faltan se indica solo de un caserío.", "/claimed");
        Rule.That(hamlet || request.AssociationId is null, "association_of_incident", "Una asociación reclama por un caserío.", "/associationId");
        Rule.That(request.HamletId is not { } place || await Exists($"SELECT EXISTS (SELECT 1 FROM hamlet WHERE id = {place}) AS \"Value\""), "unknown_hamlet", "No hay un caserío con ese número: véalo en la cobertura.", "/hamletId");
        Rule.That(request.AssociationId is not { } association || await Exists($"SELECT EXISTS (SELECT 1 FROM association WHERE id = {association} AND standing) AS \"Value\""), "unknown_association", "No hay una asociación registrada con ese código.", "/associationId");
        Rule.That(
            request.AssociationId is not { } claims || await Exists($"SELECT EXISTS (SELECT 1 FROM association a JOIN hamlet h ON h.id = a.hamlet_id JOIN hamlet w ON w.id = {request.HamletId} WHERE a.id = {claims} AND (place_key(h.district), place_key(h.canton)) = (place_key(w.district), place_key(w.canton))) AS \"Value\""),
            "association_elsewhere", "Una asociación reclama por caseríos de su cantón.", "/associationId");
        var dui = request.Dui is null ? null : Dui.Parse(request.Dui);
        var listed = dui is null ? null : await db.Database.SqlQuery<Guid?>($"""SELECT (SELECT id FROM beneficiary WHERE campaign_id = {id} AND dui = {dui} AND listed) AS "Value" """).ToAsyncEnumerable().SingleAsync(cancellation);
        Rule.That(!isListed || listed is not null, "not_listed", "Esa persona no está en el padrón.", "/dui");
        Rule.That(!leftOut || listed is null, "listed", "Esa persona sí está en el padrón.", "/dui");
        var incident = new Incident
        {
            CampaignId = id, Kind = request.Kind, BeneficiaryId = isListed ? listed : null, Outsider = leftOut ? new() { Dui = dui!, Names = request.Names!.Trim() } : null, HamletId = request.HamletId, Claimed = request.Claimed, ListedThen = hamlet ? await ListedAsync(request.HamletId!.Value) : null, AssociationId = request.AssociationId,
            Description = request.Description.Trim(), ReportedBy = Access.CallerOf(http.User), ReportedAt = time.GetUtcNow(),
        };
        await using var step = await db.BeginStepAsync(cancellation);
        db.Add(incident);
        await db.SaveChangesAsync(cancellation);
        await LookAgainAsync(db, incident, cancellation);
        await step.CommitAsync(cancellation);
        http.Response.SetETag(incident.Version);
        return TypedResults.Created($"/v1/distribution/campaigns/{id}/incidents", IncidentView.Of(incident));

        async Task<int> ListedAsync(int place) => await db.Database.SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM beneficiary WHERE campaign_id = {id} AND hamlet_id = {place} AND listed""").ToAsyncEnumerable().SingleAsync(cancellation);

        Task<bool> Exists(FormattableString sql) => db.Database.SqlQuery<bool>(sql).ToAsyncEnumerable().SingleAsync(cancellation).AsTask();
    }

    private static async Task<Results<Ok<Page<IncidentView>>, ProblemHttpResult>> ListAsync(
        Guid id, DistributionDb db, Choice<IncidentState>? state = null, Choice<IncidentKind>? kind = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        if (!await db.Campaigns.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var query = db.Incidents.AsNoTracking().Where(i => i.CampaignId == id && (after == null || i.Id > after));
        if (state is { Value: var wanted })
            query = query.Where(i => i.State == wanted);
        if (kind is { Value: var sort })
            query = query.Where(i => i.Kind == sort);
        var items = await query.OrderBy(i => i.Id).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(IncidentView.Of), size, i => i.Id.ToString()));
    }

    private sealed record Line(string Kind, string? Dui, string? Names, string? District, string? Canton, string? Hamlet, int? Claimed, string? Association, string Description);

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportAsync(Guid id, DistributionDb db, PersonalReads reads, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        if (!await db.Campaigns.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        // What stands in this file is written down with it: that is what can be said to have been sent.
        var export = Guid.CreateVersion7();
        await using (var step = await db.BeginStepAsync(cancellation))
        {
            await db.Database.ExecuteSqlAsync($"INSERT INTO incident_export (id, campaign_id, exported_by, exported_at) VALUES ({export}, {id}, {Access.CallerOf(http.User)}, {time.GetUtcNow()})", cancellation);
            await db.Database.ExecuteSqlAsync($"INSERT INTO incident_export_line SELECT {export}, i.id FROM incident i WHERE i.campaign_id = {id} AND i.state = 'open'", cancellation);
            await reads.NoteAsync("incidents-export", id, cancellation,
                await db.Database.SqlQuery<Guid>($"""SELECT DISTINCT i.beneficiary_id AS "Value" FROM incident i JOIN incident_export_line l ON l.incident_id = i.id WHERE l.export_id = {export} AND i.beneficiary_id IS NOT NULL""").ToListAsync(cancellation));
            await step.CommitAsync(cancellation);
        }
        var lines = db.Database.SqlQuery<Line>(
            $"""
            SELECT i.kind AS "Kind", coalesce(b.dui, p.dui) AS "Dui", coalesce(b.given_names || ' ' || b.surnames, p.names) AS "Names", h.district AS "District", h.canton AS "Canton", h.name AS "Hamlet",
                i.claimed AS "Claimed", a.name AS "Association", i.description AS "Description"
            FROM incident i LEFT JOIN beneficiary b ON b.id = i.beneficiary_id LEFT JOIN outsider p ON p.id = i.outsider_id
                LEFT JOIN hamlet h ON h.id = coalesce(i.hamlet_id, b.hamlet_id) LEFT JOIN association a ON a.id = i.association_id
            WHERE i.id IN (SELECT incident_id FROM incident_export_line WHERE export_id = {export}) ORDER BY i.id
            """).AsAsyncEnumerable();
        return Csv.File($"incidencias-{export}.csv", ["tipo", "dui", "nombre", "distrito", "canton", "caserio", "personas_que_faltan", "asociacion", "descripcion"], lines, static (csv, line) =>
        {
            csv.WriteField(Choice<IncidentKind>.Parse(line.Kind) switch
            {
                IncidentKind.Deceased => "falleció",
                IncidentKind.Duplicate => "está dos veces",
                IncidentKind.NotAProducer => "no es productor",
                IncidentKind.WrongData => "dato equivocado",
                IncidentKind.PersonLeftOut => "quedó fuera",
                _ => "caserío que quedó fuera",
            });
            foreach (var text in new[] { line.Dui, line.Names, line.District, line.Canton, line.Hamlet, line.Claimed?.ToString(System.Globalization.CultureInfo.InvariantCulture), line.Association, line.Description })
                csv.WriteField(text ?? "");
        });
    }

    private static async Task<Results<Ok<Sent>, ProblemHttpResult>> SendAsync(Guid id, Sending request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.On, time.GetUtcNow(), "/on");
        if (!await db.Campaigns.AnyAsync(c => c.Id == id, cancellation))
            return Problems.NotFound();
        var exports = await db.Database.SqlQuery<Guid>(
            $"""
            SELECT id AS "Value" FROM incident_export WHERE campaign_id = {id} AND CASE WHEN {request.Export}::uuid IS NULL THEN exported_by = {Access.CallerOf(http.User)} ELSE id = {request.Export} END
            ORDER BY exported_at DESC, id DESC LIMIT 1
            """).ToListAsync(cancellation);
        Rule.That(exports.Count == 1, "unknown_export", "No se ha descargado ese archivo: descárguelo, envíelo y anótelo después.", "/export");
        return TypedResults.Ok(new Sent(await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE incident SET state = 'sent', sent_on = {request.On}, document = {request.Document.Trim()}, version = version + 1
            WHERE campaign_id = {id} AND state = 'open' AND id IN (SELECT incident_id FROM incident_export_line WHERE export_id = {exports[0]})
            """, cancellation)));
    }

    /// <summary>
    /// Whoever is in question receives nothing from this moment on, and whoever is not any more gets back what the question
    /// took. It gives nobody what the approval did not.
    /// </summary>
    private static Task<int> LookAgainAsync(DistributionDb db, Incident incident, CancellationToken cancellation) => db.Database.ExecuteSqlAsync(
        $"SELECT restore(id, {incident.BeneficiaryId}), withdraw(id, {incident.BeneficiaryId}) FROM campaign WHERE id = {incident.CampaignId} AND state = 'approved' AND {incident.BeneficiaryId}::uuid IS NOT NULL", cancellation);

    private static async Task<Results<Ok<IncidentView>, ProblemHttpResult>> ResolveAsync(
        Guid id, Guid incident, Resolution request, [FromHeader(Name = "If-Match")] string? ifMatch, DistributionDb db, HttpContext http, TimeProvider time)
    {
        Rule.NotInFuture(request.On, time.GetUtcNow(), "/on");
        return http.Response.Versioned(await db.StepAsync(incident, db.Incidents.Where(i => i.CampaignId == id), i => Preconditions.Require(ifMatch, i.Version), async (i, cancellation) =>
        {
            i.Resolve(request.Accepted, request.Answer.Trim(), request.On);
            await db.SaveChangesAsync(cancellation);
            await LookAgainAsync(db, i, cancellation);
            return i;
        }, IncidentView.Of, http.RequestAborted));
    }
}
