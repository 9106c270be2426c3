using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.EventsAndMeetings.Calendar;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.EventsAndMeetings.Series;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;

namespace ProyeccionSocial.EventsAndMeetings.Data;

internal sealed class AgendaDb(DbContextOptions<AgendaDb> options) : MessagingDbContext(options)
{
    public DbSet<OrganizedBody> Bodies => Set<OrganizedBody>();
    public DbSet<BodyMember> BodyMembers => Set<BodyMember>();
    public DbSet<AnnualPlan> Plans => Set<AnnualPlan>();
    public DbSet<PlanObjective> Objectives => Set<PlanObjective>();
    public DbSet<PlanActivity> Activities => Set<PlanActivity>();
    public DbSet<EvidenceRule> EvidenceRules => Set<EvidenceRule>();
    public DbSet<Evidence> Evidence => Set<Evidence>();
    public DbSet<MeetingSeries> Series => Set<MeetingSeries>();
    public DbSet<Occurrence> Occurrences => Set<Occurrence>();
    public DbSet<MeetingKind> MeetingKinds => Set<MeetingKind>();
    public DbSet<Meeting> Meetings => Set<Meeting>();
    public DbSet<Attendance> Attendances => Set<Attendance>();
    public DbSet<Holiday> Holidays => Set<Holiday>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<OrganizedBody>().ToTable("organized_body").Property(b => b.Id).ValueGeneratedNever();
        modelBuilder.Entity<BodyMember>().ToTable("body_member").HasKey(m => new { m.BodyId, m.PersonId, m.JoinedOn });
        modelBuilder.Entity<AnnualPlan>(plan =>
        {
            plan.ToTable("annual_plan");
            plan.HasMany(p => p.Objectives).WithOne().HasForeignKey(o => o.PlanId);
            plan.HasMany(p => p.Activities).WithOne().HasForeignKey(a => a.PlanId);
        });
        modelBuilder.Entity<PlanObjective>().ToTable("plan_objective").HasKey(o => new { o.PlanId, o.Number });
        modelBuilder.Entity<PlanActivity>().ToTable("plan_activity").HasKey(a => new { a.PlanId, a.Number });
        modelBuilder.Entity<EvidenceRule>().ToTable("evidence_rule").HasKey(r => new { r.PlanId, r.ActivityNumber, r.Fact, r.BodyKind });
        modelBuilder.Entity<Evidence>().ToTable("evidence").HasKey(e => new { e.PlanId, e.ActivityNumber, e.Fact, e.FactId });
        modelBuilder.Entity<MeetingSeries>(series =>
        {
            series.ToTable("meeting_series");
            series.HasMany(s => s.Occurrences).WithOne().HasForeignKey(o => o.SeriesId);
        });
        modelBuilder.Entity<Occurrence>().ToTable("series_occurrence").HasKey(o => new { o.SeriesId, o.OriginalDate });
        modelBuilder.Entity<MeetingKind>().ToTable("meeting_kind").HasKey(k => k.Code);
        modelBuilder.Entity<Meeting>(meeting =>
        {
            meeting.ToTable("meeting");
            meeting.Property(m => m.StartsAt).HasColumnType("timestamp without time zone");
            meeting.HasOne(m => m.Body).WithMany().HasForeignKey(m => m.BodyId);
            // Said here, so that the successor is inserted before this one points to it.
            meeting.HasOne<Meeting>().WithMany().HasForeignKey(m => m.SuccessorId);
        });
        modelBuilder.Entity<Attendance>().ToTable("meeting_attendance").HasKey(a => new { a.MeetingId, a.PersonId });
        modelBuilder.Entity<Holiday>().ToTable("holiday").HasKey(h => new { h.Date, h.Name });
    }

    public static ConstraintProblems Constraints { get; } = new()
    {
        ["annual_plan_unit_year"] = new("plan_already_exists", "Esa unidad ya tiene un plan para ese año."),
        ["occurrences_do_not_collide"] = new("occurrence_collides", "La serie ya tiene otra reunión ese día."),
    };
}

[DbContext(typeof(AgendaDb)), Migration("20170101000000_Messaging")]
internal sealed class Messaging : MessagingMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000001_Holidays")]
internal sealed class Holidays : SqlMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000002_Agenda")]
internal sealed class Agenda : SqlMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000003_Memberships")]
internal sealed class Memberships : SqlMigration;
