using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Associations;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Committees;
using ProyeccionSocial.ParticipatoryBudget.Oversight;
using ProyeccionSocial.ParticipatoryBudget.People;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ParticipatoryBudget.Proposals;
using ProyeccionSocial.ParticipatoryBudget.Results;
using ProyeccionSocial.ParticipatoryBudget.Voting;
using ProyeccionSocial.ServiceDefaults.Files;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Data;

internal sealed class BudgetDb(DbContextOptions<BudgetDb> options) : MessagingDbContext(options)
{
    public DbSet<Cycle> Cycles => Set<Cycle>();
    public DbSet<CycleSource> Sources => Set<CycleSource>();
    public DbSet<CycleZone> Zones => Set<CycleZone>();
    public DbSet<ScheduledPhase> Phases => Set<ScheduledPhase>();

    public DbSet<CycleKey> CycleKeys => Set<CycleKey>();
    public DbSet<Association> Associations => Set<Association>();
    public DbSet<StoredFile> StoredFiles => Set<StoredFile>();
    public DbSet<Proposal> Proposals => Set<Proposal>();
    public DbSet<ProposalFile> ProposalFiles => Set<ProposalFile>();
    public DbSet<ProposalTrace> Traces => Set<ProposalTrace>();
    public DbSet<SupportingSignature> Signatures => Set<SupportingSignature>();

    public DbSet<BallotCandidate> Candidates => Set<BallotCandidate>();
    public DbSet<CandidateExclusion> Exclusions => Set<CandidateExclusion>();
    public DbSet<PollingPlace> PollingPlaces => Set<PollingPlace>();
    public DbSet<PaperCount> PaperCounts => Set<PaperCount>();
    public DbSet<ZoneResult> Results => Set<ZoneResult>();

    public DbSet<ProjectCommittee> Committees => Set<ProjectCommittee>();
    public DbSet<Project> Projects => Set<Project>();
    public DbSet<BudgetLine> ProjectLines => Set<BudgetLine>();
    public DbSet<Milestone> Milestones => Set<Milestone>();
    public DbSet<Contribution> Contributions => Set<Contribution>();
    public DbSet<AgreedContribution> AgreedContributions => Set<AgreedContribution>();
    public DbSet<Commitment> Commitments => Set<Commitment>();
    public DbSet<Payment> Payments => Set<Payment>();
    public DbSet<CommitmentRelease> Releases => Set<CommitmentRelease>();
    public DbSet<ProjectDocument> Documents => Set<ProjectDocument>();
    public DbSet<OversightVisit> Visits => Set<OversightVisit>();

    /// <summary>A project with all that its steps need.</summary>
    public IQueryable<Project> WholeProjects =>
        Projects.Include(p => p.Lines).Include(p => p.Milestones).Include(p => p.Contributions).Include(p => p.AgreedContributions).Include(p => p.Steps).Include(p => p.Findings).AsSplitQuery();

    /// <summary>A proposal with all that belongs to it.</summary>
    public IQueryable<Proposal> WholeProposals => Proposals.Include(p => p.Authors).Include(p => p.Files).Include(p => p.Steps).Include(p => p.Evaluators).Include(p => p.Scores).AsSplitQuery();

    /// <summary>A cycle with its sources, zones and phases.</summary>
    public IQueryable<Cycle> WholeCycles => Cycles.Include(c => c.Sources).Include(c => c.Zones).Include(c => c.Phases).AsSplitQuery();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Cycle>(cycle =>
        {
            cycle.ToTable("budget_cycle").Ignore(c => c.Agreement);
            cycle.HasMany(c => c.Sources).WithOne().HasForeignKey(s => s.CycleId);
            cycle.HasMany(c => c.Zones).WithOne().HasForeignKey(z => z.CycleId);
            cycle.HasMany(c => c.Phases).WithOne().HasForeignKey(p => p.CycleId);
            cycle.Property(c => c.Formula).HasColumnType("jsonb").HasConversion(Json<ShareFormula>());
            cycle.Property(c => c.Rules).HasColumnType("jsonb").HasConversion(Json<CycleRules>());
            cycle.Property(c => c.Assessment).HasColumnType("jsonb").HasConversion(Json<AssessmentRules>());
            cycle.Property(c => c.Execution).HasColumnType("jsonb").HasConversion(Json<ExecutionRules>());
        });
        modelBuilder.Entity<CycleSource>().ToTable("cycle_source").HasKey(s => new { s.CycleId, s.Number });
        modelBuilder.Entity<CycleZone>().ToTable("cycle_zone").HasKey(z => new { z.CycleId, z.Number });
        modelBuilder.Entity<CycleKey>().ToTable("cycle_key").HasKey(k => k.CycleId);
        modelBuilder.Entity<CycleKey>().HasOne<Cycle>().WithOne().HasForeignKey<CycleKey>(k => k.CycleId);
        modelBuilder.Entity<Association>().ToTable("association").Property(a => a.Id).ValueGeneratedNever();
        modelBuilder.Entity<StoredFile>().ToTable("stored_file").Property(f => f.Id).ValueGeneratedNever();
        modelBuilder.Entity<Proposal>(proposal =>
        {
            proposal.ToTable("proposal").Property(p => p.Content).HasColumnType("jsonb").HasConversion(Json<ProposalContent>());
            proposal.HasOne<Cycle>().WithMany().HasForeignKey(p => p.CycleId);
            proposal.HasMany(p => p.Authors).WithOne().HasForeignKey(a => a.ProposalId);
            proposal.HasMany(p => p.Files).WithOne().HasForeignKey(f => f.ProposalId);
            proposal.HasMany(p => p.Steps).WithOne().HasForeignKey(s => s.ProposalId);
            proposal.HasMany(p => p.Evaluators).WithOne().HasForeignKey(e => e.ProposalId);
            proposal.HasMany(p => p.Scores).WithOne().HasForeignKey(s => s.ProposalId);
        });
        modelBuilder.Entity<BallotCandidate>().ToTable("candidate").HasKey(c => new { c.CycleId, c.Zone, c.Number });
        modelBuilder.Entity<BallotCandidate>().HasOne<Cycle>().WithMany().HasForeignKey(c => c.CycleId);
        modelBuilder.Entity<CandidateExclusion>(exclusion =>
        {
            exclusion.ToTable("candidate_exclusion").HasKey(e => new { e.CycleId, e.Zone, e.Number, e.Other });
            exclusion.HasOne<BallotCandidate>().WithMany().HasForeignKey(e => new { e.CycleId, e.Zone, e.Number });
            exclusion.HasOne<BallotCandidate>().WithMany().HasForeignKey(e => new { e.CycleId, e.Zone, e.Other });
        });
        modelBuilder.Entity<PollingPlace>().ToTable("polling_place").HasKey(p => new { p.CycleId, p.Number });
        modelBuilder.Entity<PaperCount>(count =>
        {
            count.ToTable("paper_count").HasKey(c => new { c.CycleId, c.PollingPlace, c.Number });
            count.Property(c => c.Totals).HasColumnType("jsonb").HasConversion(Json<IReadOnlyList<PaperTotal>>());
        });
        modelBuilder.Entity<ZoneResult>(result =>
        {
            result.ToTable("zone_result").HasKey(r => new { r.CycleId, r.Zone });
            result.Ignore(r => r.Override).HasMany(r => r.Lines).WithOne().HasForeignKey(l => new { l.CycleId, l.Zone });
            result.Property(r => r.ByChannel).HasColumnType("jsonb").HasConversion(Json<IReadOnlyDictionary<string, int>>());
            result.Property(r => r.Tied).HasColumnType("jsonb").HasConversion(Json<IReadOnlyList<IReadOnlyList<int>>>());
        });
        modelBuilder.Entity<ResultRow>().ToTable("result_line").HasKey(l => new { l.CycleId, l.Zone, l.Number });
        modelBuilder.Entity<ProjectCommittee>().ToTable("project_committee").Property(c => c.Id).ValueGeneratedNever();
        modelBuilder.Entity<Project>(project =>
        {
            project.ToTable("project").Ignore(p => p.Agreement);
            project.Property(p => p.Place).HasColumnType("jsonb").HasConversion(Json<PlaceContent>());
            project.HasMany(p => p.Lines).WithOne().HasForeignKey(l => l.ProjectId);
            project.HasMany(p => p.Milestones).WithOne().HasForeignKey(m => m.ProjectId);
            project.HasMany(p => p.Contributions).WithOne().HasForeignKey(c => c.ProjectId);
            project.HasMany(p => p.AgreedContributions).WithOne().HasForeignKey(c => c.ProjectId);
            project.HasMany(p => p.Steps).WithOne().HasForeignKey(s => s.ProjectId);
            project.HasMany(p => p.Findings).WithOne().HasForeignKey(f => f.ProjectId);
        });
        modelBuilder.Entity<BudgetLine>(line =>
        {
            line.ToTable("project_line").HasKey(l => new { l.ProjectId, l.Number });
            // Kept by the database: written by nobody here.
            line.Property(l => l.Committed).ValueGeneratedOnAddOrUpdate().Metadata.SetAfterSaveBehavior(Microsoft.EntityFrameworkCore.Metadata.PropertySaveBehavior.Ignore);
            line.Property(l => l.Paid).ValueGeneratedOnAddOrUpdate().Metadata.SetAfterSaveBehavior(Microsoft.EntityFrameworkCore.Metadata.PropertySaveBehavior.Ignore);
        });
        modelBuilder.Entity<Milestone>().ToTable("milestone").HasKey(m => new { m.ProjectId, m.Number });
        modelBuilder.Entity<Contribution>().ToTable("contribution").HasKey(c => new { c.ProjectId, c.Number });
        modelBuilder.Entity<AgreedContribution>().ToTable("agreed_contribution").HasKey(c => new { c.ProjectId, c.Kind });
        modelBuilder.Entity<ProjectStep>().ToTable("project_step").HasKey(s => new { s.ProjectId, s.Number });
        modelBuilder.Entity<Finding>().ToTable("finding").HasKey(f => new { f.ProjectId, f.Number });
        modelBuilder.Entity<OversightVisit>().ToTable("oversight_visit").HasKey(v => new { v.ProjectId, v.Number });
        modelBuilder.Entity<Commitment>(commitment =>
        {
            commitment.ToTable("commitment").HasKey(c => new { c.ProjectId, c.Number });
            commitment.Property(c => c.Released).ValueGeneratedOnAddOrUpdate().Metadata.SetAfterSaveBehavior(Microsoft.EntityFrameworkCore.Metadata.PropertySaveBehavior.Ignore);
            commitment.Property(c => c.Paid).ValueGeneratedOnAddOrUpdate().Metadata.SetAfterSaveBehavior(Microsoft.EntityFrameworkCore.Metadata.PropertySaveBehavior.Ignore);
        });
        modelBuilder.Entity<Payment>().ToTable("payment").HasKey(p => new { p.ProjectId, p.Number });
        modelBuilder.Entity<CommitmentRelease>().ToTable("commitment_release").HasKey(r => new { r.ProjectId, r.Number });
        modelBuilder.Entity<CommitmentRelease>().HasOne<Commitment>().WithMany().HasForeignKey(r => new { r.ProjectId, r.Commitment });
        modelBuilder.Entity<Payment>().HasOne<Commitment>().WithMany().HasForeignKey(p => new { p.ProjectId, p.Commitment });
        modelBuilder.Entity<ProjectDocument>().ToTable("project_document").HasKey(d => new { d.ProjectId, d.Number });
        modelBuilder.Entity<ProposalAuthor>().ToTable("proposal_author").HasKey(a => new { a.Subject, a.ProposalId });
        modelBuilder.Entity<ProposalFile>().ToTable("proposal_file").HasKey(f => new { f.ProposalId, f.FileId });
        modelBuilder.Entity<ProposalStep>().ToTable("proposal_step").HasKey(s => new { s.ProposalId, s.Number });
        modelBuilder.Entity<AssignedEvaluator>().ToTable("proposal_evaluator").HasKey(e => new { e.ProposalId, e.Aspect });
        modelBuilder.Entity<CriterionScore>().ToTable("proposal_score").HasKey(s => new { s.ProposalId, s.Criterion });
        modelBuilder.Entity<ProposalTrace>().ToTable("proposal_trace").HasKey(t => new { t.FromId, t.IntoId });
        modelBuilder.Entity<SupportingSignature>().ToTable("supporting_signature").HasKey(s => new { s.ProposalId, s.PersonKey });
        modelBuilder.Entity<ScheduledPhase>().ToTable("cycle_phase").HasKey(p => new { p.CycleId, p.Position });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<decimal>().HavePrecision(14, 2);
    }

    private static ValueConverter<T, string> Json<T>() => new(
        value => JsonSerializer.Serialize(value, EventJson.Options), text => JsonSerializer.Deserialize<T>(text, EventJson.Options)!);

    public static ConstraintProblems Constraints { get; } = new()
    {
        ["budget_cycle_year"] = new("cycle_already_exists", "Ese año fiscal ya tiene un ciclo."),
        ["cycle_is_agreed"] = new("cycle_opened", "El ciclo ya se abrió con acuerdo del concejo: su techo, sus zonas y sus fechas ya no cambian."),
        ["rules_are_frozen"] = new("rules_frozen", "Ya hay quien votó: las reglas no cambian."),
        ["committed_within_approved"] = new("over_approved", "Se comprometería más de lo que la partida tiene aprobado."),
        ["paid_within_committed"] = new("over_committed", "Se pagaría más de lo comprometido."),
        ["paid_within_commitment"] = new("over_committed", "El compromiso no tiene tanto por pagar o por liberar."),
        ["commitment_paid_check"] = new("over_reversed", "No se reversa más de lo que se pagó."),
        ["included_within_heading"] = new("over_money", "La zona ya no tiene dinero para incluirla."),
        ["granted_within_heading"] = new("over_money", "La zona ya no tiene dinero para ese proyecto."),
        ["committees_before_start"] = new("committee_missing", "Faltan los comités de la obra: la comunidad los forma en asamblea antes de la orden de inicio."),
        ["findings_before_closing"] = new("findings_open", "El comité contralor tiene hallazgos sin resolver."),
        ["project_ended"] = new("project_ended", "La obra ya terminó: nada de ella cambia."),
        ["cycle_is_finished"] = new("cycle_finished", "El ciclo terminó: nada de él cambia."),
        ["final_reception_in_time"] = new("final_reception_late", "La recepción definitiva va después de la provisional, dentro de los días que da el ciclo."),
        ["winners_within_heading"] = new("over_money", "Lo elegido cuesta más de lo que la zona tiene."),
    };
}

[DbContext(typeof(BudgetDb)), Migration("20170101000000_Messaging")]
internal sealed class Messaging : MessagingMigration;

[DbContext(typeof(BudgetDb)), Migration("20170101000001_Cycles")]
internal sealed class Cycles : SqlMigration;

[DbContext(typeof(BudgetDb)), Migration("20170101000002_Proposals")]
internal sealed class Proposals : SqlMigration;

[DbContext(typeof(BudgetDb)), Migration("20170101000003_Voting")]
internal sealed class Voting : SqlMigration;

[DbContext(typeof(BudgetDb)), Migration("20170101000004_Projects")]
internal sealed class Projects : SqlMigration;

[DbContext(typeof(BudgetDb)), Migration("20170101000005_Urns")]
internal sealed class Urns : SqlMigration;

[DbContext(typeof(BudgetDb)), Migration("20170101000006_Agreed")]
internal sealed class Agreed : SqlMigration;

[DbContext(typeof(BudgetDb)), Migration("20170101000007_Ended")]
internal sealed class Ended : SqlMigration;

[DbContext(typeof(BudgetDb)), Migration("20170101000008_Publications")]
internal sealed class Publications : PublicationsMigration;
