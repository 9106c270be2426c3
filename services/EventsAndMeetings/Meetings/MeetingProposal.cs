using MassTransit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

internal enum ProposalCause
{
    BoardExpired,
    ProjectApproved,
}

internal enum ProposalState
{
    Open,
    Planned,
    Dismissed,

    /// <summary>It is no longer needed: the board was elected otherwise.</summary>
    Settled,
}

/// <summary>A meeting that something that happened asks for. A person says when and where, or why not.</summary>
internal sealed class MeetingProposal
{
    public required Guid Id { get; init; }
    public required ProposalCause Cause { get; init; }
    public required Guid SubjectId { get; init; }
    public Guid? BodyId { get; init; }
    public required string Kind { get; init; }
    public required string Title { get; init; }
    public required string[] Points { get; init; }
    public required string Place { get; init; }
    public required string Reason { get; init; }
    public required DateOnly ProposedOn { get; init; }
    public ProposalState State { get; set; }
    public Guid? MeetingId { get; set; }
    public string? DismissedBecause { get; set; }

    /// <summary>Proposed once for each cause, however often it is told.</summary>
    public static Task ProposeAsync(AgendaDb db, MeetingProposal p, CancellationToken cancellation) => db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO meeting_proposal (id, cause, subject_id, body_id, kind, title, points, place, reason, proposed_on, state)
        VALUES ({p.Id}, {Choice<ProposalCause>.NameOf(p.Cause)}, {p.SubjectId}, {p.BodyId}, {p.Kind}, {p.Title}, {p.Points}, {p.Place}, {p.Reason}, {p.ProposedOn}, 'open')
        ON CONFLICT ON CONSTRAINT meeting_proposal_once DO NOTHING
        """, cancellation);

    /// <summary>A board that expired is elected anew in an assembly.</summary>
    public static Task ProposeElectionAsync(AgendaDb db, AssociationBoardExpired e, CancellationToken cancellation) => ProposeAsync(db, new()
    {
        Id = Guid.CreateVersion7(), Cause = ProposalCause.BoardExpired, SubjectId = e.AssociationId, BodyId = e.AssociationId, Kind = "extraordinary-assembly",
        Title = "Asamblea para elegir la nueva junta directiva", Place = e.Place.Path, ProposedOn = e.ExpiredOn,
        Points = ["Comprobación del quórum", "Informe de la junta saliente", "Elección de la nueva junta directiva", "Toma de posesión"],
        Reason = $"El período de la junta de {e.Name} terminó el {e.ExpiredOn.Day()}.",
    }, cancellation);

    /// <summary>The association has a board again, or is no more: nobody needs to be reminded.</summary>
    public static Task SettleElectionAsync(AgendaDb db, Guid association, CancellationToken cancellation) => db.Database.ExecuteSqlAsync(
        $"UPDATE meeting_proposal SET state = 'settled' WHERE cause = 'board-expired' AND subject_id = {association} AND state = 'open'", cancellation);

    /// <summary>News of one project takes turns, so that of its two committees the second sees the first.</summary>
    public static Task LockProjectAsync(AgendaDb db, Guid project, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('meeting_proposal'), hashtext({project}::text))", cancellation);

    /// <summary>Nobody needs to be reminded where both committees of the project are there, or it is over; the project is locked.</summary>
    public static Task SettleProjectAsync(AgendaDb db, Guid project, CancellationToken cancellation) => db.Database.ExecuteSqlAsync(
        $"""
        UPDATE meeting_proposal SET state = 'settled' WHERE cause = 'project-approved' AND subject_id = {project} AND state = 'open'
            AND (2 = (SELECT count(DISTINCT kind) FROM organized_body WHERE project_id = {project} AND kind IN ('executing', 'oversight') AND ended_on IS NULL)
                OR EXISTS (SELECT 1 FROM ended_project WHERE id = {project}))
        """, cancellation);

    /// <summary>Its meeting has another date, or, without one, did not come about: then somebody decides again, where it is still needed.</summary>
    public static async Task FollowAsync(AgendaDb db, Guid meeting, Guid? successor, CancellationToken cancellation)
    {
        var proposal = await db.MeetingProposals.AsNoTracking().SingleOrDefaultAsync(p => p.MeetingId == meeting, cancellation);
        if (proposal is null)
            return;
        if (proposal.Cause == ProposalCause.ProjectApproved)
            await LockProjectAsync(db, proposal.SubjectId, cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE meeting_proposal SET meeting_id = {successor}, state = CASE
                WHEN {successor}::uuid IS NOT NULL THEN state
                WHEN cause = 'board-expired' AND (SELECT state FROM organized_body WHERE id = subject_id) <> 'board-expired' THEN 'settled'
                ELSE 'open' END
            WHERE meeting_id = {meeting}
            """, cancellation);
        if (proposal.Cause == ProposalCause.ProjectApproved)
            await SettleProjectAsync(db, proposal.SubjectId, cancellation);
    }
}

/// <summary>An approved project asks for the assembly that elects who carries it out and who watches.</summary>
internal sealed class OnProjectApproved(AgendaDb db) : IConsumer<ProjectApproved>
{
    public async Task Consume(ConsumeContext<ProjectApproved> context)
    {
        var e = context.Message;
        await MeetingProposal.LockProjectAsync(db, e.ProjectId, context.CancellationToken);
        await MeetingProposal.ProposeAsync(db, new()
        {
            Id = Guid.CreateVersion7(), Cause = ProposalCause.ProjectApproved, SubjectId = e.ProjectId, Kind = "extraordinary-assembly",
            Title = $"Asamblea para elegir los comités de «{e.Name}»", Place = e.Place.Path, ProposedOn = e.ApprovedOn,
            Points = ["Comprobación del quórum", "Presentación del proyecto", "Elección del comité ejecutor", "Elección del comité contralor"],
            Reason = $"El concejo aprobó el proyecto «{e.Name}» el {e.ApprovedOn.Day()}; antes de la orden de inicio se eligen sus comités.",
        }, context.CancellationToken);
        await MeetingProposal.SettleProjectAsync(db, e.ProjectId, context.CancellationToken);
    }
}

/// <summary>A project that is over needs no assembly to elect its committees, also where its approval is told after its end.</summary>
internal sealed class OnProjectEnded(AgendaDb db) : IConsumer<ProjectChanged>
{
    public async Task Consume(ConsumeContext<ProjectChanged> context)
    {
        var e = context.Message;
        if (e.State is not ("closed" or "void" or "cancelled"))
            return;
        await MeetingProposal.LockProjectAsync(db, e.ProjectId, context.CancellationToken);
        await db.Database.ExecuteSqlAsync($"INSERT INTO ended_project (id, ended_on) VALUES ({e.ProjectId}, {e.On}) ON CONFLICT DO NOTHING", context.CancellationToken);
        await MeetingProposal.SettleProjectAsync(db, e.ProjectId, context.CancellationToken);
    }
}

internal static class MeetingProposals
{
    public static void MapMeetingProposals(this IEndpointRouteBuilder proposals)
    {
        proposals.MapGet("/", ListAsync).WithName("ListMeetingProposals").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Reuniones que algo que pasó hace necesarias, y de las que nadie ha decidido");
        proposals.MapPost("/{id:guid}/meeting", PlanAsync).WithName("PlanProposedMeeting").Idempotent().Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Planificar la reunión propuesta: cuándo, dónde y de qué instancia");
        proposals.MapPost("/{id:guid}/dismissal", DismissAsync).WithName("DismissMeetingProposal").Allow("agenda.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Descartar la propuesta, con su motivo");
    }

    internal sealed record ProposalView(
        Guid Id, ProposalCause Cause, Guid SubjectId, Guid? BodyId, string Kind, string Title, IReadOnlyList<string> Points, string Place, string Reason, DateOnly ProposedOn,
        ProposalState State, Guid? MeetingId, string? DismissedBecause)
    {
        public static ProposalView Example => new(
            Examples.Id, ProposalCause.BoardExpired, Examples.OtherId, Examples.OtherId, "extraordinary-assembly", "Asamblea para elegir la nueva junta directiva", ["Elección de la nueva junta directiva"],
            "El Ejemplo, Las Lomas", "El período de la junta de ADESCO El Ejemplo terminó el 19/01/2026.", new(2026, 1, 19), ProposalState.Open, null, null);

        public static ProposalView Of(MeetingProposal p) =>
            new(p.Id, p.Cause, p.SubjectId, p.BodyId, p.Kind, p.Title, p.Points, p.Place, p.Reason, p.ProposedOn, p.State, p.MeetingId, p.DismissedBecause);
    }

    internal sealed record PlanRequest(DateTime StartsAt, [PublicText(150)] string Venue, Guid? BodyId = null)
    {
        public static PlanRequest Example => new(new(2026, 2, 7, 14, 0, 0), "Casa comunal");
    }

    internal sealed record Dismissal([Text(500)] string Reason)
    {
        public static Dismissal Example => new("La asociación ya eligió junta y falta solo registrarla.");
    }

    private static async Task<Ok<Page<ProposalView>>> ListAsync(
        AgendaDb db, Choice<ProposalState>? state = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        var wanted = state?.Value;
        var items = await db.MeetingProposals.AsNoTracking().Where(p => (wanted == null || p.State == wanted) && (after == null || p.Id > after)).OrderBy(p => p.Id).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(ProposalView.Of), size, p => p.Id.ToString()));
    }

    private static async Task<Results<Created<MeetingView>, ProblemHttpResult>> PlanAsync(
        Guid id, PlanRequest request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        PlanMeeting.RequireLocal(request.StartsAt);
        await using var transaction = await db.BeginStepAsync(cancellation);
        var proposal = await LockAsync(db, id, cancellation);
        if (proposal is null)
            return Problems.NotFound();
        var body = await db.Bodies.SingleOrDefaultAsync(b => b.Id == (request.BodyId ?? proposal.BodyId), cancellation);
        Rule.That(body is not null, "body_unknown", "Indique en bodyId qué instancia se reúne.", "/bodyId");
        body!.RequireStanding(DateOnly.FromDateTime(request.StartsAt));
        Rule.That(await db.RuleOnAsync(proposal.Kind, DateOnly.FromDateTime(request.StartsAt), cancellation) is not null, "meeting_kind_unknown", "Ese tipo de reunión no rige en esa fecha.", "/startsAt");
        var meeting = Meeting.Plan(proposal.Kind, body, proposal.Title, request.StartsAt, 120, request.Venue.Trim(), proposal.Points, time.GetUtcNow());
        db.Add(meeting);
        (proposal.State, proposal.MeetingId) = (ProposalState.Planned, meeting.Id);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(meeting.Version);
        return TypedResults.Created($"/v1/agenda/meetings/{meeting.Id}", MeetingView.Of(meeting));
    }

    private static async Task<Results<Ok<ProposalView>, ProblemHttpResult>> DismissAsync(Guid id, Dismissal request, AgendaDb db, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var proposal = await LockAsync(db, id, cancellation);
        if (proposal is null)
            return Problems.NotFound();
        (proposal.State, proposal.DismissedBecause) = (ProposalState.Dismissed, request.Reason.Trim());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(ProposalView.Of(proposal));
    }

    private static async Task<MeetingProposal?> LockAsync(AgendaDb db, Guid id, CancellationToken cancellation)
    {
        var proposal = (await db.MeetingProposals.FromSql($"SELECT * FROM meeting_proposal WHERE id = {id} FOR UPDATE").ToListAsync(cancellation)).SingleOrDefault();
        Rule.State(proposal is null or { State: ProposalState.Open }, "proposal_not_open", "De esa propuesta ya se decidió.");
        return proposal;
    }
}
