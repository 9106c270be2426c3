using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Projects;

/// <summary>What is owed and what was paid: entries that stay, with sums that the database keeps.</summary>
internal static class SpendOnProject
{
    public static void MapSpendOnProject(this IEndpointRouteBuilder projects)
    {
        projects.MapPost("/{id:guid}/commitments", CommitAsync).WithName("CommitMoney").Idempotent().Allow("budget.write", Roles.Finance).WithSummary("Comprometer dinero de una partida");
        projects.MapPost("/{id:guid}/commitments/{number:int}/release", ReleaseAsync).WithName("ReleaseCommitment").Idempotent().Allow("budget.write", Roles.Finance).WithSummary("Liberar lo comprometido que ya no se pagará");
        projects.MapPost("/{id:guid}/payments", PayAsync).WithName("PayCommitment").Idempotent().Allow("budget.write", Roles.Finance)
            .WithSummary("Anotar un pago de un compromiso; con monto negativo y motivo, su reverso");
        projects.MapPost("/{id:guid}/contributions", ContributeAsync).WithName("RecordContribution").Idempotent().Allow("budget.write", Roles.Promoter, Roles.UnitHead, Roles.Finance)
            .WithSummary("Anotar lo que da la comunidad: dinero (cash), mano de obra (labour), materiales (materials) o terreno (land)");
        projects.MapGet("/{id:guid}/commitments", ListAsync).WithName("ListCommitments").Allow("budget.read", ReadCycles.Watchers).WithSummary("Compromisos de una obra con sus pagos; un comité contralor ve los de la suya");
    }

    internal sealed record NewCommitment([Between(1, 50)] int Line, decimal Amount, [Text(150)] string Reference, DateOnly On)
    {
        public static NewCommitment Example => new(1, 14_000, "Contrato AM-03/2027", new(2027, 1, 21));
    }

    internal sealed record Release(decimal Amount, DateOnly On, [Text(500)] string Reason)
    {
        public static Release Example => new(500, new(2027, 6, 10), "La obra costó menos que lo contratado.");
    }

    internal sealed record NewPayment([Between(1, 100_000)] int Commitment, decimal Amount, [Text(150)] string Reference, DateOnly On, [Text(500)] string? Reason = null)
    {
        public static NewPayment Example => new(1, 4_200, "Estimación 1, cheque 102", new(2027, 2, 25));
    }

    internal sealed record NewContribution(ContributionKind Kind, [PublicText(500)] string Description, decimal Value, DateOnly On)
    {
        public static NewContribution Example => new(ContributionKind.Labour, "60 jornales para zanjear", 1_500, new(2027, 3, 1));
    }

    internal sealed record PaymentView(int Number, decimal Amount, string Reference, string? Reason, DateOnly PaidOn);

    internal sealed record ReleaseView(int Number, decimal Amount, string Reason, DateOnly ReleasedOn);

    internal sealed record CommitmentView(
        int Number, int Line, decimal Amount, decimal Released, decimal Paid, string Reference, DateOnly MadeOn, IReadOnlyList<PaymentView> Payments, IReadOnlyList<ReleaseView> Releases)
    {
        public static CommitmentView Example => new(
            1, 1, 14_000, 500, 4_200, "Contrato AM-03/2027", new(2027, 1, 21), [new(1, 4_200, "Estimación 1, cheque 102", null, new(2027, 2, 25))],
            [new(1, 500, "La obra costó menos que lo contratado.", new(2027, 6, 10))]);
    }

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> CommitAsync(Guid id, NewCommitment request, ProjectChange change, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.On, change.Now, "/on");
        Money.Require(request.Amount, "/amount");
        return EntryAsync(change, id, async project =>
        {
            Rule.That(request.On >= project.CouncilDate, "before_approval", $"La carpeta se aprobó el {project.CouncilDate?.Day()}.", "/on");
            Rule.That(project.Lines.Any(l => l.Number == request.Line), "unknown_line", "La obra no tiene una partida con ese número.", "/line");
            change.Db.Add(new Commitment
            {
                ProjectId = id, Number = await change.Db.Commitments.CountAsync(c => c.ProjectId == id, cancellation) + 1, Line = request.Line, Amount = request.Amount, Reference = request.Reference.Trim(),
                MadeOn = request.On, RecordedBy = change.Caller,
            });
        }, cancellation);
    }

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> ReleaseAsync(Guid id, int number, Release request, ProjectChange change, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.On, change.Now, "/on");
        Money.Require(request.Amount, "/amount");
        return EntryAsync(change, id, async project =>
        {
            var madeOn = await change.Db.Commitments.Where(c => c.ProjectId == id && c.Number == number).Select(c => (DateOnly?)c.MadeOn).SingleOrDefaultAsync(cancellation)
                ?? throw new RuleViolationException(404, "not_found", "La obra no tiene un compromiso con ese número.");
            Rule.That(request.On >= madeOn, "before_commitment", $"El compromiso es del {madeOn.Day()}.", "/on");
            change.Db.Add(new CommitmentRelease
            {
                ProjectId = id, Number = await change.Db.Releases.CountAsync(r => r.ProjectId == id, cancellation) + 1, Commitment = number, Amount = request.Amount, Reason = request.Reason.Trim(),
                ReleasedOn = request.On, RecordedBy = change.Caller,
            });
        }, cancellation);
    }

    private static Task<Results<Ok<ProjectView>, ProblemHttpResult>> PayAsync(Guid id, NewPayment request, ProjectChange change, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.On, change.Now, "/on");
        Money.Require(Math.Abs(request.Amount), "/amount");
        Rule.That(request.Amount > 0 || request.Reason is not null, "reason_missing", "Un reverso dice por qué.", "/reason");
        return EntryAsync(change, id, async project =>
        {
            var madeOn = await change.Db.Commitments.Where(c => c.ProjectId == id && c.Number == request.Commitment).Select(c => (DateOnly?)c.MadeOn).SingleOrDefaultAsync(cancellation);
            Rule.That(madeOn is not null, "unknown_commitment", "La obra no tiene un compromiso con ese número.", "/commitment");
            Rule.That(request.On >= madeOn, "before_commitment", $"El compromiso es del {madeOn?.Day()}.", "/on");
            change.Db.Add(new Payment
            {
                ProjectId = id, Number = await change.Db.Payments.CountAsync(p => p.ProjectId == id, cancellation) + 1, Commitment = request.Commitment, Amount = request.Amount,
                Reference = request.Reference.Trim(), Reason = request.Reason?.Trim(), PaidOn = request.On, RecordedBy = change.Caller,
            });
        }, cancellation);
    }

    private static async Task<Results<Ok<ProjectView>, ProblemHttpResult>> ContributeAsync(Guid id, NewContribution request, ProjectChange change, CancellationToken cancellation)
    {
        Rule.NotInFuture(request.On, change.Now, "/on");
        return await EntryAsync(change, id, project =>
        {
            project.Contribute(request.Kind, request.Description.Trim(), request.Value, request.On, change.Caller, change.Now);
            return Task.CompletedTask;
        }, cancellation, tell: false);
    }

    /// <summary>An entry adds to what is there, so no version is asked for; its sums are read again once the database has them.</summary>
    private static async Task<Results<Ok<ProjectView>, ProblemHttpResult>> EntryAsync(
        ProjectChange change, Guid id, Func<Project, Task> enter, CancellationToken cancellation, bool tell = true)
    {
        var db = change.Db;
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Project>(id, cancellation);
        var project = await db.WholeProjects.SingleOrDefaultAsync(p => p.Id == id, cancellation);
        if (project is null)
            return Problems.NotFound();
        project.RequireSpending();
        await enter(project);
        if (tell)
        {
            await db.SaveChangesAsync(cancellation);
            foreach (var line in project.Lines.ToArray())
                db.Entry(line).State = EntityState.Detached;
            project.Lines.Clear();
            await db.Entry(project).Collection(p => p.Lines).Query().LoadAsync(cancellation);
            project.TellMoney(change.Now);
        }
        await db.SaveChangesAsync(cancellation);
        var view = ProjectView.Of(project, await change.CommitteesOfAsync(id, cancellation), change.Now.LocalDate());
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(view);
    }

    private static async Task<Results<Ok<Page<CommitmentView>>, ProblemHttpResult>> ListAsync(Guid id, ProjectChange caller, int? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var (size, db) = (Page.Size(limit), caller.Db);
        if (!await db.Projects.AnyAsync(p => p.Id == id, cancellation))
            return Problems.NotFound();
        await caller.RequireReaderAsync(id, cancellation);
        var commitments = await db.Commitments.AsNoTracking().Where(c => c.ProjectId == id && (after == null || c.Number > after)).OrderBy(c => c.Number).Take(size + 1).ToListAsync(cancellation);
        var numbers = commitments.ConvertAll(c => c.Number);
        var payments = (await db.Payments.AsNoTracking().Where(p => p.ProjectId == id && numbers.Contains(p.Commitment)).OrderBy(p => p.Number).ToListAsync(cancellation)).ToLookup(p => p.Commitment);
        var releases = (await db.Releases.AsNoTracking().Where(r => r.ProjectId == id && numbers.Contains(r.Commitment)).OrderBy(r => r.Number).ToListAsync(cancellation)).ToLookup(r => r.Commitment);
        return TypedResults.Ok(Page.Of(commitments.ConvertAll(c => new CommitmentView(
            c.Number, c.Line, c.Amount, c.Released, c.Paid, c.Reference, c.MadeOn, [.. payments[c.Number].Select(p => new PaymentView(p.Number, p.Amount, p.Reference, p.Reason, p.PaidOn))],
            [.. releases[c.Number].Select(r => new ReleaseView(r.Number, r.Amount, r.Reason, r.ReleasedOn))])),
            size, c => c.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }
}
