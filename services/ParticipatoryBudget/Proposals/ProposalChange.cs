using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Proposals;

/// <summary>The frame around every change of a proposal: who, when, of which cycle, and what the caller sees of it after.</summary>
internal sealed class ProposalChange(BudgetDb db, IHttpContextAccessor http, TimeProvider time)
{
    private HttpContext Http => http.HttpContext!;

    public string Caller => Access.CallerOf(Http.User);

    public DateTimeOffset Now => time.GetUtcNow();

    public BudgetDb Db => db;

    /// <summary>Whether the caller acts for proposers, as the unit does.</summary>
    public bool ActsForOthers => Access.IsAllowed(Http.User, "budget.write", [Roles.Promoter, Roles.UnitHead]);

    /// <summary>
    /// In an association's name speaks whoever its token says so of, and the unit, to which its board came: no other resident
    /// borrows its recognition.
    /// </summary>
    public void RequireSpeaksFor(Guid? association)
    {
        if (association is not null && !ActsForOthers && !Http.User.FindAll("association").Any(claim => Guid.TryParse(claim.Value, out var own) && own == association))
        {
            throw new RuleViolationException(
                403, "not_your_association", "Su cuenta no habla por esa asociación. Preséntela con firmas de apoyo, o pida a su junta directiva que la presente ella o la lleve a la unidad.");
        }
    }

    /// <summary>Whether the caller sees what is not public yet: drafts, estimates, costs.</summary>
    public bool SeesAll => Access.IsAllowed(Http.User, "budget.read", ReadCycles.Staff);

    /// <summary>Staff sees everything; others their own, and anybody's once it was presented.</summary>
    public bool MaySee(Proposal proposal) => SeesAll || proposal.IsBy(Caller) || proposal.Number is not null;

    public async Task<Results<Ok<ProposalView>, ProblemHttpResult>> ApplyAsync(Guid id, string? ifMatch, bool byProposer, Func<Proposal, Cycle, Task> step, CancellationToken cancellation) =>
        Http.Response.Versioned(await db.StepAsync(id, db.WholeProposals, proposal =>
        {
            if (!MaySee(proposal))
                throw new RuleViolationException(404, "not_found", "Lo que busca no existe o fue retirado. Revise la dirección.");
            if (byProposer && !ActsForOthers && !proposal.IsBy(Caller))
                throw new RuleViolationException(403, "not_yours", "Esa propuesta es de otras personas.");
            Preconditions.Require(ifMatch, proposal.Version);
        }, async (proposal, token) =>
        {
            var cycle = await db.WholeCycles.AsNoTracking().SingleAsync(c => c.Id == proposal.CycleId, token);
            await step(proposal, cycle);
            await db.SaveChangesAsync(token);
            return await ViewAsync(proposal, cycle, token);
        }, view => view, cancellation, before: () => LockCycleOfAsync(id, cancellation)));

    /// <summary>
    /// Whatever changes a proposal locks its cycle first, so that it never meets, half way, the publication of the ballot, a
    /// result or the end of the cycle, which lock in this order too. Ballots do not wait for it.
    /// </summary>
    public Task LockCycleOfAsync(Guid proposal, CancellationToken cancellation) => db.Database.ExecuteSqlAsync(
        $"SELECT 1 FROM budget_cycle c JOIN proposal p ON p.cycle_id = c.id WHERE p.id = {proposal} FOR NO KEY UPDATE OF c", cancellation);

    public async Task<ProposalView> ViewAsync(Proposal proposal, Cycle cycle, CancellationToken cancellation)
    {
        var more = new Surroundings(
            proposal.AssociationId is { } association ? await db.Associations.AsNoTracking().SingleOrDefaultAsync(a => a.Id == association, cancellation) : null,
            await db.Signatures.CountAsync(s => s.ProposalId == proposal.Id, cancellation),
            await db.Traces.Where(t => t.IntoId == proposal.Id).Select(t => t.FromId).Order().ToListAsync(cancellation),
            await db.Traces.Where(t => t.FromId == proposal.Id).Select(t => t.IntoId).Order().ToListAsync(cancellation),
            proposal.State == ProposalState.TurnedIntoProject
                ? await db.Projects.Where(p => p.ProposalId == proposal.Id).Select(p => (Guid?)p.Id).SingleOrDefaultAsync(cancellation) : null);
        return ProposalView.Of(proposal, cycle, more, Now.LocalDate(), SeesAll || proposal.IsBy(Caller));
    }

    /// <summary>The files must have been handed in.</summary>
    public async Task RequireFilesAsync(ProposalContent content, CancellationToken cancellation)
    {
        var files = (content.Attachments ?? []).Select(a => a.FileId).Distinct().ToArray();
        var known = await db.StoredFiles.Where(f => files.Contains(f.Id)).Select(f => f.Id).ToListAsync(cancellation);
        foreach (var (index, attachment) in (content.Attachments ?? []).Index())
            Rule.That(known.Contains(attachment.FileId), "file_missing", "Ese archivo no está: guárdelo antes con POST /v1/budget/files.", $"/attachments/{index}/fileId");
    }

    /// <summary>The next number of the cycle, whose lock this transaction holds: nobody else takes it.</summary>
    public async Task<int> NextNumberAsync(Guid cycle, CancellationToken cancellation) =>
        (await db.Proposals.Where(p => p.CycleId == cycle).MaxAsync(p => p.Number, cancellation) ?? 0) + 1;
}
