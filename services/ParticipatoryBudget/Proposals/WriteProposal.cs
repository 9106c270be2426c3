using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.People;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Proposals;

/// <summary>A proposal is drafted with help, supported, presented, corrected and, if need be, withdrawn.</summary>
internal static class WriteProposal
{
    public static readonly string[] Writers = [Roles.Promoter, Roles.UnitHead, Roles.Resident];

    public static void MapWriteProposal(this IEndpointRouteBuilder api)
    {
        var cycles = api.MapGroup("/cycles").WithTags("proposals");
        cycles.MapGet("/{id:guid}/proposal-template", TemplateAsync).WithName("GetProposalTemplate").Allow("budget.read", ReadCycles.Readers)
            .WithSummary("Ayuda para escribir una propuesta: qué decir en cada parte, la lista de comprobación y con qué se valora");
        cycles.MapPost("/{id:guid}/proposals", DraftAsync).WithName("DraftProposal").Idempotent().Allow("budget.write", Writers)
            .WithSummary("Escribir una propuesta; hasta que se presenta la ven quienes la escribieron, la unidad, y quien tenga su dirección para firmarla");
        var proposals = api.MapGroup("/proposals").WithTags("proposals");
        proposals.MapPut("/{id:guid}", RewriteAsync).WithName("RewriteProposal").Allow("budget.write", Writers)
            .WithSummary("Escribir de nuevo una propuesta: el borrador, o lo que la unidad observó");
        proposals.MapGet("/{id:guid}/support", SupportAsync).WithName("ReadToSign").Allow("budget.read", Writers)
            .WithSummary("Leer lo que se va a firmar: lo que una propuesta que busca firmas pide, sin sus papeles ni lo que calcula que cuesta");
        proposals.MapPost("/{id:guid}/signatures", SignAsync).WithName("SignProposal").Allow("budget.write", Writers)
            .WithSummary("Apoyar una propuesta: cada persona una vez")
            .WithDescription("Quien reside firma con su cuenta verificada y envía en If-Match la versión que leyó; quien promueve anota el DUI de quien firmó en papel. El DUI no se guarda. Si lo que se pide cambia, las firmas se pierden: eran de otra cosa.");
        proposals.MapPost("/{id:guid}/submission", SubmitAsync).WithName("SubmitProposal").Allow("budget.write", Writers)
            .WithSummary("Presentar una propuesta").WithDescription("En la fase de propuestas, con la lista completa: por una asociación reconocida, por quien su token diga que habla por ella (claim association) o por la unidad, o con las firmas que pide el ciclo.");
        proposals.MapPost("/{id:guid}/withdrawal", WithdrawAsync).WithName("WithdrawProposal").Allow("budget.write", Writers).WithSummary("Retirar una propuesta, antes de que se publique la papeleta");
    }

    internal sealed record TemplateView(IReadOnlyList<TemplateView.Part> Parts, IReadOnlyList<ChecklistItem> Checklist, IReadOnlyList<Criterion> Criteria, int MinimumSignatures, DateOnly FirstDay, DateOnly LastDay)
    {
        internal sealed record Part(string Field, string Question, string Hint);

        public static TemplateView Example => new(
            [new("problem", "¿Qué hace falta, a quiénes y desde cuándo?", "Cuente el problema con números.")], [ChecklistItem.Example], [Criterion.Example], 10, new(2026, 8, 1), new(2026, 9, 15));
    }

    /// <param name="Dui">Of whoever signed on paper; absent when a resident signs with their own account.</param>
    internal sealed record Signature([Dui] string? Dui = null)
    {
        public static Signature Example => new("90000001-5");
    }

    internal sealed record ToSignView(
        Guid Id, long Version, Guid CycleId, int Zone, string Title, string Problem, string Description, PlaceContent Place, int Beneficiaries, string? Contribution, int Signatures, int Needed)
    {
        public static ToSignView Example => new(
            Examples.Id, 3, Examples.OtherId, 1, "Agua potable para El Ensayo", "Cuarenta familias acarrean agua desde la quebrada.", "Perforar un pozo y tender 800 metros de tubería.", PlaceContent.Example, 210, null, 34, 50);
    }

    internal sealed record SignedView(int Signatures)
    {
        public static SignedView Example => new(34);
    }

    internal sealed record Reasoned([PublicText(1000)] string Reason)
    {
        public static Reasoned Example => new("La comunidad encontró otro financiamiento.");
    }

    private static async Task<Results<Ok<TemplateView>, ProblemHttpResult>> TemplateAsync(Guid id, BudgetDb db, CancellationToken cancellation)
    {
        var cycle = await db.WholeCycles.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (cycle is null || cycle.State == CycleState.Draft)
            return Problems.NotFound();
        var days = cycle.PhaseOf(CyclePhase.Proposals);
        return TypedResults.Ok(new TemplateView(
            [
                new("title", "¿Cómo se llama?", "Corto y claro, con el lugar: «Agua potable para El Ensayo»."),
                new("problem", "¿Qué hace falta, a quiénes y desde cuándo?", "Cuente el problema con números: familias, distancias, años."),
                new("description", "¿Qué se haría?", "Diga la obra o la acción y sus partes. Si ya hay un plano o un presupuesto, adjúntelo."),
                new("place", "¿Dónde?", "El caserío, cantón o colonia de la obra, no el de quien la propone."),
                new("beneficiaries", "¿A cuántas personas les sirve?", "Cuente personas, no familias."),
                new("estimatedCost", "¿Cuánto cree que cuesta?", "Si lo sabe. No se publica: lo valoran los técnicos."),
                new("contribution", "¿Qué pone la comunidad?", "Dinero, mano de obra, materiales o terreno."),
            ], cycle.Assessment.Checklist, cycle.Assessment.Criteria, cycle.Assessment.MinimumSignatures, days.FirstDay, days.LastDay));
    }

    private static async Task<Results<Created<ProposalView>, ProblemHttpResult>> DraftAsync(Guid id, ProposalContent request, ProposalChange change, HttpContext http, CancellationToken cancellation)
    {
        var db = change.Db;
        var cycle = await db.WholeCycles.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
        if (cycle is null)
            return Problems.NotFound();
        change.RequireSpeaksFor(request.AssociationId);
        await change.RequireFilesAsync(request, cancellation);
        var proposal = Proposal.Draft(cycle, request, change.Caller, change.Now);
        db.Add(proposal);
        await db.SaveChangesAsync(cancellation);
        http.Response.SetETag(proposal.Version);
        return TypedResults.Created($"/v1/budget/proposals/{proposal.Id}", await change.ViewAsync(proposal, cycle, cancellation));
    }

    private static async Task<Results<Ok<ProposalView>, ProblemHttpResult>> RewriteAsync(
        Guid id, ProposalContent request, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation)
    {
        await change.RequireFilesAsync(request, cancellation);
        return await change.ApplyAsync(id, ifMatch, byProposer: true, async (proposal, cycle) =>
        {
            change.RequireSpeaksFor(request.AssociationId);
            // Who signed agreed to what it said.
            if (proposal.State == ProposalState.Draft && !proposal.Content.AsksTheSameAs(request))
                await change.Db.Signatures.Where(s => s.ProposalId == id).ExecuteDeleteAsync(cancellation);
            // Written whole: what stood there goes first.
            await change.Db.ProposalFiles.Where(f => f.ProposalId == id).ExecuteDeleteAsync(cancellation);
            foreach (var file in proposal.Files.ToArray())
                change.Db.Entry(file).State = EntityState.Detached;
            proposal.Write(cycle, request, change.Caller, change.Now);
        }, cancellation);
    }

    private static async Task<Results<Ok<ToSignView>, ProblemHttpResult>> SupportAsync(Guid id, BudgetDb db, HttpContext http, CancellationToken cancellation)
    {
        var proposal = await db.Proposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id && p.AssociationId == null && p.State == ProposalState.Draft, cancellation);
        if (proposal is null)
            return Problems.NotFound();
        var (c, rules) = (proposal.Content, await db.Cycles.Where(y => y.Id == proposal.CycleId).Select(y => y.Assessment).SingleAsync(cancellation));
        http.Response.SetETag(proposal.Version);
        return TypedResults.Ok(new ToSignView(
            id, proposal.Version, proposal.CycleId, proposal.Zone, proposal.Title, c.Problem, c.Description, c.Place, c.Beneficiaries, c.Contribution, await db.Signatures.CountAsync(s => s.ProposalId == id, cancellation),
            rules.MinimumSignatures));
    }

    private static async Task<Results<Ok<SignedView>, ProblemHttpResult>> SignAsync(
        Guid id, Signature request, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, HttpContext http, CancellationToken cancellation)
    {
        var db = change.Db;
        var proposal = await db.Proposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (proposal is null)
            return Problems.NotFound();
        Rule.State(proposal.State == ProposalState.Draft, "proposal_submitted", "La propuesta ya se presentó.");
        var byStaff = change.ActsForOthers;
        Rule.That(byStaff == (request.Dui is not null), "dui_of_signer", byStaff ? "Anote el DUI de quien firmó." : "Usted firma con su propia cuenta, sin escribir un DUI.", "/dui");
        var dui = request.Dui ?? PersonKey.DuiOf(http.User);
        // On paper the unit sees what was signed; whoever signs from afar says which words they read.
        if (!byStaff || ifMatch is not null)
            Preconditions.Require(ifMatch, proposal.Version);
        var cycleKey = await db.CycleKeys.AsNoTracking().SingleOrDefaultAsync(k => k.CycleId == proposal.CycleId, cancellation);
        Rule.State(cycleKey is not null, "cycle_finished", "El ciclo terminó.");
        var signed = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO supporting_signature (proposal_id, person_key, signed_at)
            SELECT p.id, {PersonKey.Of(cycleKey!.Key, dui)}, {change.Now} FROM (SELECT id FROM proposal WHERE id = {id} AND state = 'draft' AND version = {proposal.Version} FOR KEY SHARE) p ON CONFLICT DO NOTHING
            """, cancellation);
        if (signed == 0 && !await db.Signatures.AnyAsync(s => s.ProposalId == id && s.PersonKey == PersonKey.Of(cycleKey.Key, dui), cancellation))
            throw new RuleViolationException(412, "stale", "La propuesta acaba de cambiar: léala de nuevo antes de firmar.");
        Rule.State(signed == 1, "already_signed", "Esa persona ya apoyó esta propuesta: cuenta una vez.");
        return TypedResults.Ok(new SignedView(await db.Signatures.CountAsync(s => s.ProposalId == id, cancellation)));
    }

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> SubmitAsync(
        Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, byProposer: true, async (proposal, cycle) =>
        {
            change.RequireSpeaksFor(proposal.AssociationId);
            var number = await change.NextNumberAsync(cycle.Id, cancellation);
            var association = await change.Db.Associations.AsNoTracking().SingleOrDefaultAsync(a => a.Id == proposal.AssociationId, cancellation);
            var signatures = await change.Db.Signatures.CountAsync(s => s.ProposalId == id, cancellation);
            proposal.Submit(cycle, number, association, signatures, change.Caller, change.Now);
        }, cancellation);

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> WithdrawAsync(
        Guid id, Reasoned request, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, byProposer: true, (proposal, cycle) =>
        {
            change.RequireSpeaksFor(proposal.AssociationId);
            if (proposal.Authors.Count > 1 && !change.ActsForOthers)
                throw new RuleViolationException(403, "several_authors", "La propuesta es de varias personas: nadie la retira por las demás. Pídanlo a la unidad.");
            proposal.Withdraw(cycle, request.Reason.Trim(), change.Caller, change.Now);
            return Task.CompletedTask;
        }, cancellation);
}
