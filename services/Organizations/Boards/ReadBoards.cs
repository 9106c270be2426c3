using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Boards;

/// <summary>Who held which post on a date, and all the terms there were.</summary>
internal static class ReadBoards
{
    private static readonly string[] Readers = [Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor];

    public static void MapReadBoards(this IEndpointRouteBuilder associations)
    {
        associations.MapGet("/{id:guid}/board", OnAsync).WithName("GetBoard").Allow("organizations.read", Readers)
            .WithSummary("Quién tenía qué cargo en una fecha; hoy, si no se indica");
        associations.MapGet("/{id:guid}/board-terms", TermsAsync).WithName("ListBoardTerms").Allow("organizations.read", Readers)
            .WithSummary("Períodos de junta directiva con todos sus cargos y relevos, el último primero");
    }

    internal sealed record SeatView(string Post, Guid PersonId, string FullName, DateOnly FirstDay, DateOnly LastDay, string? EndedBecause)
    {
        public static SeatView Example => new("president", Examples.Id, "Ana Lucía Prueba Ficticia", new(2025, 1, 20), new(2027, 1, 19), null);
    }

    internal sealed record BoardView(DateOnly FirstDay, DateOnly LastDay, DateOnly ElectedOn, int MinutesNumber, IReadOnlyList<SeatView> Seats)
    {
        public static BoardView Example => new(new(2025, 1, 20), new(2027, 1, 19), new(2025, 1, 20), 1, [SeatView.Example]);
    }

    internal sealed record TermView(
        DateOnly FirstDay, DateOnly LastDay, DateOnly ElectedUntil, string? EndedBecause, DateOnly ElectedOn, int MinutesNumber,
        DateOnly? ReportDue, DateOnly? ReportedOn, IReadOnlyList<SeatView> Seats)
    {
        public static TermView Example => new(
            new(2027, 1, 20), new(2029, 1, 19), new(2029, 1, 19), null, new(2026, 12, 12), 14, new(2027, 1, 12), new(2026, 12, 16), [SeatView.Example]);
    }

    private static async Task<Results<Ok<BoardView>, ProblemHttpResult>> OnAsync(
        Guid id, OrganizationsDb db, TimeProvider time, DateOnly? on = null, CancellationToken cancellation = default)
    {
        var date = on ?? time.Today();
        return await ReadAsync(db, id, date, cancellation) is { } board
            ? TypedResults.Ok(board)
            : Problems.NotFound();
    }

    /// <summary>The board of a day with who held its posts on that day; null when there was none.</summary>
    public static async Task<BoardView?> ReadAsync(OrganizationsDb db, Guid association, DateOnly date, CancellationToken cancellation)
    {
        var board = await db.BoardTerms.AsNoTracking()
            .Where(t => t.AssociationId == association && t.FirstDay <= date && t.LastDay >= date && t.Seats.Count > 0)
            .Select(t => new BoardView(t.FirstDay, t.LastDay, t.ElectedOn, t.MinutesNumber,
                (from seat in t.Seats
                 join person in db.People on seat.PersonId equals person.Id
                 where seat.FirstDay <= date && seat.LastDay >= date
                 select new SeatView(seat.Post, person.Id, person.GivenNames + " " + person.Surnames, seat.FirstDay, seat.LastDay, seat.EndedBecause)).ToList()))
            .SingleOrDefaultAsync(cancellation);
        return board is null ? null : board with { Seats = InOrder(board.Seats) };
    }

    private static async Task<Results<Ok<List<TermView>>, ProblemHttpResult>> TermsAsync(Guid id, OrganizationsDb db, CancellationToken cancellation)
    {
        if (!await db.Associations.AnyAsync(a => a.Id == id, cancellation))
            return Problems.NotFound();
        var terms = await db.BoardTerms.AsNoTracking().Where(t => t.AssociationId == id).OrderByDescending(t => t.FirstDay).Take(Page.MaximumSize)
            .Select(t => new TermView(t.FirstDay, t.LastDay, t.ElectedUntil, t.EndedBecause, t.ElectedOn, t.MinutesNumber, t.ReportDue, t.ReportedOn,
                (from seat in t.Seats
                 join person in db.People on seat.PersonId equals person.Id
                 select new SeatView(seat.Post, person.Id, person.GivenNames + " " + person.Surnames, seat.FirstDay, seat.LastDay, seat.EndedBecause)).ToList()))
            .ToListAsync(cancellation);
        return TypedResults.Ok(terms.ConvertAll(t => t with { Seats = InOrder(t.Seats) }));
    }

    private static SeatView[] InOrder(IEnumerable<SeatView> seats) =>
        [.. seats.OrderBy(s => BoardTerm.RankOf(s.Post)).ThenBy(s => s.Post, StringComparer.Ordinal).ThenBy(s => s.FirstDay)];
}
