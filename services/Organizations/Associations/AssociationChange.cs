using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.Organizations.Calendar;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.Members;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>
/// What every step of an association needs, within the frame of <see cref="Steps"/>: counters for numbered papers are
/// drawn in its transaction too.
/// </summary>
internal sealed class AssociationChange(OrganizationsDb db, IHttpContextAccessor accessor, TimeProvider time)
{
    public OrganizationsDb Db => db;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    /// <summary>Who makes the change, by the token.</summary>
    public string Caller => Access.CallerOf(accessor.HttpContext!.User);

    public Task<Results<Ok<AssociationView>, ProblemHttpResult>> ApplyAsync(
        Guid id, string? ifMatch, Func<Association, CancellationToken, Task> step) =>
        ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            await step(association, cancellation);
            return association;
        }, AssociationView.Of);

    /// <summary>A step that answers with something of its own; the ETag is the association's.</summary>
    public async Task<Results<Ok<TView>, ProblemHttpResult>> ApplyAsync<TResult, TView>(
        Guid id, string? ifMatch, Func<Association, CancellationToken, Task<TResult>> step, Func<TResult, TView> view) =>
        accessor.HttpContext!.Response.Versioned(await db.StepAsync(id, db.Associations.Include(a => a.Place), association => Preconditions.Require(ifMatch, association.Version), step, view, accessor.HttpContext.RequestAborted));

    /// <summary>The rules that the association began under.</summary>
    public Task<Ruleset> RulesetOfAsync(Association association, CancellationToken cancellation) =>
        db.Rulesets.AsNoTracking().SingleAsync(r => r.Code == association.Ruleset, cancellation);

    /// <summary>The law's numbers with those of the statutes in force on a day.</summary>
    public async Task<BoardRules> RulesOnAsync(Association association, DateOnly date, CancellationToken cancellation)
    {
        var statutes = await db.Statutes.AsNoTracking()
            .Where(s => s.AssociationId == association.Id && s.EffectiveFrom <= date).OrderByDescending(s => s.EffectiveFrom).FirstOrDefaultAsync(cancellation);
        return (await RulesetOfAsync(association, cancellation)).With(statutes);
    }

    /// <summary>The last day of a term of the law that begins with an act.</summary>
    public Task<DateOnly> LastDayAsync(DateOnly act, int days, CancellationToken cancellation) => db.LastDayAsync(act, days, cancellation);

    /// <summary>How many members the association had on a day.</summary>
    public Task<int> MembersOnAsync(Association association, DateOnly date, CancellationToken cancellation) =>
        db.Members.Where(m => m.AssociationId == association.Id).ActiveOn(date).CountAsync(cancellation);

    /// <summary>All terms with their seats, the latest first; one for each two years or so.</summary>
    public Task<List<BoardTerm>> TermsOfAsync(Association association, CancellationToken cancellation) =>
        db.BoardTerms.Include(t => t.Seats).Where(t => t.AssociationId == association.Id).OrderByDescending(t => t.FirstDay).ToListAsync(cancellation);

    /// <summary>The people whom an assembly elected, each a member on that day.</summary>
    public async Task<IReadOnlyList<(string Post, Person Person)>> ElectedAsync(
        Association association, DateOnly date, IReadOnlyList<ElectedSeat> board, CancellationToken cancellation)
    {
        var roll = db.Members.Where(m => m.AssociationId == association.Id).ActiveOn(date);
        var elected = board.Select(s => s.PersonId).ToArray();
        var people = await db.People.Where(p => elected.Contains(p.Id) && roll.Any(m => m.PersonId == p.Id)).ToDictionaryAsync(p => p.Id, cancellation);
        foreach (var (index, seat) in board.Index())
        {
            Rule.That(people.ContainsKey(seat.PersonId), "board_member_not_a_member",
                "Esa persona no era miembro en la fecha de la asamblea.", $"/board/{index}/personId");
        }
        return [.. board.Select(s => (s.Post, people[s.PersonId]))];
    }

    /// <summary>Nobody who takes a seat has one in the board of another association meanwhile, where the rules forbid it.</summary>
    public async Task RequireFreeAsync(Guid associationId, IReadOnlyList<BoardSeat> taken, CancellationToken cancellation)
    {
        var people = taken.Where(s => s.Exclusive).Select(s => s.PersonId).ToArray();
        var first = taken.Select(s => s.FirstDay).DefaultIfEmpty(DateOnly.MaxValue).Min();
        var held = await (from seat in db.BoardSeats.AsNoTracking()
                          join other in db.BoardTerms on seat.BoardTermId equals other.Id
                          join association in db.Associations on other.AssociationId equals association.Id
                          where seat.Exclusive && people.Contains(seat.PersonId) && other.AssociationId != associationId && seat.LastDay >= first
                          select new { seat.PersonId, seat.FirstDay, seat.LastDay, association.Name }).ToListAsync(cancellation);
        var elsewhere = held.FirstOrDefault(h => taken.Any(t => t.PersonId == h.PersonId && t.FirstDay <= h.LastDay && h.FirstDay <= t.LastDay));
        Rule.State(elsewhere is null, "person_sits_in_another_board",
            $"Una de las personas electas tiene un cargo en la junta de {elsewhere?.Name} en esas fechas. Que lo deje primero, o elijan a otra.");
    }
}
