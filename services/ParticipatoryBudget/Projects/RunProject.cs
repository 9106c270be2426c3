using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Proposals;
using ProyeccionSocial.ParticipatoryBudget.Voting;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Projects;

/// <summary>A project from the council's word on its proposal to its end.</summary>
internal static class RunProject
{
    public static void MapRunProject(this IEndpointRouteBuilder api)
    {
        var proposals = api.MapGroup("/proposals").WithTags("proposals");
        proposals.MapPost("/{id:guid}/inclusion", IncludeAsync).WithName("IncludeProposal").Allow("budget.write", Roles.Council)
            .WithSummary("Incluir una propuesta priorizada, o de la lista de espera si alcanza, con acuerdo del concejo");
        proposals.MapPost("/{id:guid}/project", CreateAsync).WithName("CreateProject").Idempotent().Allow("budget.write", Roles.UnitHead).WithSummary("Volver proyecto una propuesta incluida");

        var projects = api.MapGroup("/projects").WithTags("projects");
        projects.MapPost("/{id:guid}/profile", ProfileAsync).WithName("StartProfile").Allow("budget.write", Roles.UnitHead).WithSummary("Comenzar el perfil");
        projects.MapPost("/{id:guid}/dossier", DossierAsync).WithName("StartDossier").Allow("budget.write", Roles.UnitHead).WithSummary("Comenzar la carpeta técnica");
        projects.MapPut("/{id:guid}/dossier", WriteDossierAsync).WithName("WriteDossier").Allow("budget.write", Roles.UnitHead)
            .WithSummary("Escribir las partidas, los hitos y el aporte de la comunidad en la carpeta")
            .WithDescription("Las partidas no pasan de lo que el ciclo da; los pesos de los hitos suman 100; el aporte es en dinero (cash), mano de obra (labour), materiales (materials) o terreno (land), con su valor en dólares.");
        projects.MapPost("/{id:guid}/documents", AddDocumentAsync).WithName("AddProjectDocument").Idempotent().Allow("budget.write", Roles.UnitHead, Roles.Finance).WithSummary("Agregar un documento a la carpeta");
        projects.MapPost("/{id:guid}/approval", ApproveAsync).WithName("ApproveDossier").Allow("budget.write", Roles.Council).WithSummary("Aprobar la carpeta con acuerdo del concejo");
        projects.MapPost("/{id:guid}/modality", ChooseAsync).WithName("ChooseModality").Allow("budget.write", Roles.UnitHead).WithSummary("Ejecutar por contrato o por administración directa");
        projects.MapPost("/{id:guid}/award", AwardAsync).WithName("AwardContract").Allow("budget.write", Roles.Council).WithSummary("Adjudicar el contrato");
        projects.MapPost("/{id:guid}/start-order", OrderStartAsync).WithName("OrderStart").Allow("budget.write", Roles.UnitHead)
            .WithSummary("Dar la orden de inicio").WithDescription("Antes se formaron, en asamblea, el comité ejecutor y el comité contralor de la obra.");
        projects.MapPost("/{id:guid}/start", BeginAsync).WithName("BeginWorks").Allow("budget.write", Roles.UnitHead).WithSummary("Anotar que las obras comenzaron");
        projects.MapPost("/{id:guid}/suspension", SuspendAsync).WithName("SuspendWorks").Allow("budget.write", Roles.UnitHead).WithSummary("Suspender las obras, con su motivo");
        projects.MapPost("/{id:guid}/resumption", ResumeAsync).WithName("ResumeWorks").Allow("budget.write", Roles.UnitHead).WithSummary("Reanudar las obras: el plazo se corre los días que estuvieron suspendidas");
        projects.MapPost("/{id:guid}/milestones/{number:int}", ReachAsync).WithName("ReachMilestone").Allow("budget.write", Roles.UnitHead, Roles.Promoter).WithSummary("Anotar que se alcanzó un hito, con lugar y foto");
        projects.MapPost("/{id:guid}/provisional-reception", ReceiveProvisionallyAsync).WithName("ReceiveProvisionally").Allow("budget.write", Roles.UnitHead).WithSummary("Recepción provisional, con todos los hitos alcanzados");
        projects.MapPost("/{id:guid}/final-reception", ReceiveFinallyAsync).WithName("ReceiveFinally").Allow("budget.write", Roles.UnitHead).WithSummary("Recepción definitiva, dentro de los días que da el ciclo desde la provisional");
        projects.MapPost("/{id:guid}/settlement", SettleAsync).WithName("SettleProject").Allow("budget.write", Roles.Finance).WithSummary("Liquidar: todo lo comprometido se pagó o se liberó");
        projects.MapPost("/{id:guid}/closing", CloseAsync).WithName("CloseProject").Allow("budget.write", Roles.Council).WithSummary("Cerrar el proyecto, sin hallazgos por resolver");
        projects.MapPost("/{id:guid}/ending", EndAsync).WithName("EndProject").Allow("budget.write", Roles.Council).WithSummary("Anular (void) lo que no comenzó o cancelar (cancelled) lo que no sigue, con su motivo");
    }

    internal sealed record Agreed(CouncilAgreement Agreement)
    {
        public static Agreed Example => new(CouncilAgreement.Example);
    }

    internal sealed record OnDay(DateOnly On)
    {
        public static OnDay Example => new(new DateOnly(2027, 1, 20));
    }

    internal sealed record WithReason(DateOnly On, [PublicText(1000)] string Reason)
    {
        public static WithReason Example => new(new(2027, 5, 10), "Lluvias: el río no deja pasar.");
    }

    internal sealed record LineContent([PublicText(150)] string Name, decimal Amount)
    {
        public static LineContent Example => new("Perforación", 15_000);
    }

    internal sealed record MilestoneContent([PublicText(150)] string Name, [Between(1, 100)] int Weight, DateOnly DueOn)
    {
        public static MilestoneContent Example => new("Pozo perforado", 40, new(2027, 3, 31));
    }

    internal sealed record AgreedContent(ContributionKind Kind, [PublicText(500)] string Description, decimal Value)
    {
        public static AgreedContent Example => new(ContributionKind.Labour, "200 jornales para zanjear", 3_000);
    }

    /// <param name="Lines">What is spent on what.</param>
    /// <param name="Milestones">By which steps the works are done.</param>
    /// <param name="Contributions">What the community agreed to give, once for each kind.</param>
    internal sealed record DossierContent(
        [Count(1, 50)] IReadOnlyList<LineContent> Lines, [Count(1, 50)] IReadOnlyList<MilestoneContent> Milestones, [Count(0, 4)] IReadOnlyList<AgreedContent>? Contributions = null)
    {
        public static DossierContent Example => new([LineContent.Example], [MilestoneContent.Example with { Weight = 100 }], [AgreedContent.Example]);
    }

    internal sealed record NewDocument(DocumentKind Kind, [PublicText(150)] string Name, Guid FileId)
    {
        public static NewDocument Example => new(DocumentKind.Dossier, "Carpeta técnica", Examples.Id);
    }

    internal sealed record DocumentView(int Number, DocumentKind Kind, string Name, Guid FileId)
    {
        public static DocumentView Example => new(1, DocumentKind.Dossier, "Carpeta técnica", Examples.Id);
    }

    internal sealed record Modality(bool Direct, DateOnly On, [PublicText(150)] string? Responsible = null)
    {
        public static Modality Example => new(false, new(2027, 1, 5));
    }

    internal sealed record Award([PublicText(150)] string Contractor, [PublicText(60)] string Contract, decimal Amount, CouncilAgreement Agreement)
    {
        public static Award Example => new("Constructora Inventada, S.A.", "AM-03/2027", 21_000, CouncilAgreement.Example);
    }

    internal sealed record StartOrder(DateOnly StartsOn, DateOnly EndsOn)
    {
        public static StartOrder Example => new(new(2027, 2, 1), new(2027, 6, 30));
    }

    internal sealed record Reached(DateOnly On, [PublicText(300)] string Place, Guid PhotoId)
    {
        public static Reached Example => new(new(2027, 3, 20), "Caserío El Ensayo", Examples.Id);
    }

    /// <param name="On">Of the act.</param>
    /// <param name="Reason">Why it was later than the term allows; absent within it.</param>
    internal sealed record FinalReception(DateOnly On, [PublicText(1000)] string? Reason = null)
    {
        public static FinalReception Example => new(new DateOnly(2027, 8, 10));
    }

    internal enum EndKind
    {
        Void,
        Cancelled,
    }

    internal sealed record Ending(EndKind Kind, DateOnly On, [PublicText(1000)] string Reason)
    {
        public static Ending Example => new(EndKind.Void, new(2027, 1, 10), "La comunidad pidió otra obra.");
    }

    private static Task<Results<Ok<ProposalView>, ProblemHttpResult>> IncludeAsync(
        Guid id, Agreed request, [FromHeader(Name = "If-Match")] string? ifMatch, ProposalChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, byProposer: false, async (proposal, cycle) =>
        {
            Rule.NotInFuture(request.Agreement.Date, change.Now, "/agreement/date");
            var approval = cycle.PhaseOf(CyclePhase.Approval).FirstDay;
            Rule.State(change.Now.LocalDate() >= approval, "wrong_phase", $"El concejo aprueba desde el {approval.Day()}.");
            Rule.That(request.Agreement.Date >= approval, "before_last_step", $"El concejo aprueba desde el {approval.Day()}: un acuerdo de antes no es de estas propuestas.", "/agreement/date");
            if (proposal.State == ProposalState.WaitingList)
                await RequireWinnersFirstAsync(change.Db, proposal, cycle, cancellation);
            proposal.Decide(ProposalState.Included, request.Agreement.ToString(), change.Caller, change.Now);
        }, cancellation);

    /// <summary>
    /// Of the waiting list goes in what the winners leave room for; the database keeps the money. To choose otherwise is an
    /// override, which says why.
    /// </summary>
    private static async Task RequireWinnersFirstAsync(BudgetDb db, Proposal proposal, Cycle cycle, CancellationToken cancellation)
    {
        var others = await db.Proposals.Where(p => p.CycleId == cycle.Id && p.Zone == proposal.Zone
                && (p.State == ProposalState.Prioritised || p.State == ProposalState.Included || p.State == ProposalState.TurnedIntoProject)
                && !db.Projects.Any(j => j.ProposalId == p.Id && (j.State == ProjectState.Void || j.State == ProjectState.Cancelled)))
            .Select(p => p.Number!.Value).ToListAsync(cancellation);
        Rule.State(cycle.Rules.MostProjects is not { } most || others.Count < most, "limit_reached", $"En cada zona van {cycle.Rules.MostProjects} a lo más.");
        var excluded = CandidateExclusions.Of(proposal.Number!.Value, await db.Exclusions.AsNoTracking().Where(e => e.CycleId == cycle.Id && e.Zone == proposal.Zone).ToListAsync(cancellation));
        Rule.State(!others.Intersect(excluded).Any(), "incompatible", "No puede hacerse junto a otra que ganó.");
        // In the order of the result: whoever stands before it and still fits goes first.
        var before = await db.Database.SqlQuery<int>(
            $"""
            SELECT l.number AS "Value" FROM result_line l JOIN proposal p ON p.cycle_id = l.cycle_id AND p.number = l.number
            WHERE l.cycle_id = {cycle.Id} AND l.zone = {proposal.Zone} AND p.state = 'waiting-list'
                AND l.position < (SELECT position FROM result_line WHERE cycle_id = {cycle.Id} AND zone = {proposal.Zone} AND number = {proposal.Number})
                AND p.cost <= (SELECT amount FROM cycle_zone WHERE cycle_id = {cycle.Id} AND number = {proposal.Zone})
                    - (SELECT coalesce(sum(CASE WHEN j.id IS NULL THEN o.cost ELSE taken_by(j) END), 0) FROM proposal o LEFT JOIN project j ON j.proposal_id = o.id
                        WHERE o.cycle_id = {cycle.Id} AND o.zone = {proposal.Zone} AND o.state IN ('prioritised', 'included', 'turned-into-project'))
                AND NOT EXISTS (SELECT 1 FROM candidate_exclusion x WHERE x.cycle_id = l.cycle_id AND x.zone = l.zone
                    AND ((x.number = l.number AND x.other = ANY ({others.ToArray()})) OR (x.other = l.number AND x.number = ANY ({others.ToArray()}))))
            ORDER BY l.position LIMIT 1
            """).ToListAsync(cancellation);
        Rule.State(before is [], "not_its_turn", $"Antes va la número {before.FirstOrDefault()}, que tuvo más apoyo y todavía alcanza.");
    }

    private static async Task<Results<Created<ProjectView>, ProblemHttpResult>> CreateAsync(Guid id, ProposalChange change, HttpContext http, CancellationToken cancellation)
    {
        var db = change.Db;
        await using var transaction = await db.BeginStepAsync(cancellation);
        await change.LockCycleOfAsync(id, cancellation);
        await db.LockAsync<Proposal>(id, cancellation);
        var proposal = await db.Proposals.Include(p => p.Steps).SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (proposal is null)
            return Problems.NotFound();
        proposal.Decide(ProposalState.TurnedIntoProject, null, change.Caller, change.Now);
        var rules = await db.Cycles.Where(c => c.Id == proposal.CycleId).Select(c => c.Execution).SingleAsync(cancellation);
        var project = Project.Of(proposal, rules, change.Caller, change.Now);
        db.Add(project);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(project.Version);
        return TypedResults.Created($"/v1/budget/projects/{project.Id}", ProjectView.Of(project, [], change.Now.LocalDate()));
    }

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> ProfileAsync(Guid id, OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.Prepare(ProjectState.Profile, request.On, change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> DossierAsync(Guid id, OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.Prepare(ProjectState.DossierInPreparation, request.On, change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> WriteDossierAsync(
        Guid id, DossierContent request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, async project =>
        {
            // Written whole: what stood there goes first.
            await change.Db.ProjectLines.Where(l => l.ProjectId == id && project.State == ProjectState.DossierInPreparation).ExecuteDeleteAsync(cancellation);
            await change.Db.Milestones.Where(m => m.ProjectId == id && project.State == ProjectState.DossierInPreparation).ExecuteDeleteAsync(cancellation);
            await change.Db.AgreedContributions.Where(c => c.ProjectId == id && project.State == ProjectState.DossierInPreparation).ExecuteDeleteAsync(cancellation);
            foreach (var old in project.Lines.Cast<object>().Concat(project.Milestones).Concat(project.AgreedContributions).ToArray())
                change.Db.Entry(old).State = EntityState.Detached;
            project.WriteDossier(
                [.. request.Lines.Select(l => (l.Name.Trim(), l.Amount))], [.. request.Milestones.Select(m => (m.Name.Trim(), m.Weight, m.DueOn))],
                [.. (request.Contributions ?? []).Select(c => (c.Kind, c.Description.Trim(), c.Value))]);
        }, cancellation);

    private static async Task<Results<Created<DocumentView>, ProblemHttpResult>> AddDocumentAsync(Guid id, NewDocument request, ProjectChange change, CancellationToken cancellation)
    {
        var db = change.Db;
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Project>(id, cancellation);
        var project = await db.Projects.SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (project is null)
            return Problems.NotFound();
        Rule.State(!project.HasEnded, "project_ended", "La obra ya terminó: nada de ella cambia.");
        await change.RequireFileAsync(request.FileId, "/fileId", cancellation);
        var document = new ProjectDocument
        {
            ProjectId = id, Number = await db.Documents.CountAsync(d => d.ProjectId == id, cancellation) + 1, Kind = request.Kind, Name = request.Name.Trim(), FileId = request.FileId, AddedBy = change.Caller,
            AddedAt = change.Now,
        };
        db.Add(document);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Created($"/v1/budget/projects/{id}/documents", new DocumentView(document.Number, document.Kind, document.Name, document.FileId));
    }

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> ApproveAsync(Guid id, Agreed request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.Agreement.Date, change.Now, "/agreement/date");
        return change.ApplyAsync(id, ifMatch, async project => project.Approve(
            request.Agreement, await change.Db.Documents.AnyAsync(d => d.ProjectId == id && d.Kind == DocumentKind.Dossier, cancellation), change.Caller, change.Now), cancellation);
    }

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> ChooseAsync(Guid id, Modality request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.Choose(request.Direct, request.Responsible?.Trim(), request.On, change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> AwardAsync(Guid id, Award request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.Agreement.Date, p => p.Award(request.Contractor.Trim(), request.Contract.Trim(), request.Amount, request.Agreement, change.Caller, change.Now), cancellation, "/agreement/date");

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> OrderStartAsync(Guid id, StartOrder request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, async p => p.OrderStart(change.Now.LocalDate(), request.StartsOn, request.EndsOn, await change.CommitteesOfAsync(id, cancellation), change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> BeginAsync(Guid id, OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.Begin(request.On, change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> SuspendAsync(Guid id, WithReason request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.Suspend(request.On, request.Reason.Trim(), change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> ResumeAsync(Guid id, OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.Resume(request.On, change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> ReachAsync(Guid id, int number, Reached request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.On, change.Now, "/on");
        return change.ApplyAsync(id, ifMatch, async p =>
        {
            await change.RequirePhotoAsync(request.PhotoId, "/photoId", cancellation);
            p.Reach(number, request.On, request.Place.Trim(), request.PhotoId, change.Now);
        }, cancellation);
    }

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> ReceiveProvisionallyAsync(
        Guid id, OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.ReceiveProvisionally(request.On, change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> ReceiveFinallyAsync(Guid id, FinalReception request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.ReceiveFinally(request.On, request.Reason?.Trim(), change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> SettleAsync(Guid id, OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.Settle(request.On, change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> CloseAsync(Guid id, OnDay request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(id, ifMatch, request.On, p => p.Close(request.On, change.Caller, change.Now), cancellation);

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> EndAsync(Guid id, Ending request, [FromHeader(Name = "If-Match")] string? ifMatch, ProjectChange change, CancellationToken cancellation) =>
        change.ApplyAsync(
            id, ifMatch, request.On, p => p.End(request.Kind == EndKind.Void ? ProjectState.Void : ProjectState.Cancelled, request.On, request.Reason.Trim(), change.Caller, change.Now), cancellation);
}
