using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.EventsAndMeetings.Calendar;
using ProyeccionSocial.EventsAndMeetings.Events;
using ProyeccionSocial.EventsAndMeetings.InformationRequests;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Minutes;
using ProyeccionSocial.EventsAndMeetings.Newspaper;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.EventsAndMeetings.Series;
using ProyeccionSocial.EventsAndMeetings.WorkList;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Files;

namespace ProyeccionSocial.EventsAndMeetings.Data;

internal sealed class AgendaDb(DbContextOptions<AgendaDb> options) : MessagingDbContext(options)
{
    public DbSet<OrganizedBody> Bodies => Set<OrganizedBody>();
    public DbSet<BodyMember> BodyMembers => Set<BodyMember>();
    public DbSet<AnnualPlan> Plans => Set<AnnualPlan>();
    public DbSet<PlanObjective> Objectives => Set<PlanObjective>();
    public DbSet<PlanActivity> Activities => Set<PlanActivity>();
    public DbSet<PlanEdition> PlanEditions => Set<PlanEdition>();
    public DbSet<PlanFact> PlanFacts => Set<PlanFact>();
    public DbSet<ActivityProgress> ActivityProgress => Set<ActivityProgress>();
    public DbSet<QuarterNote> QuarterNotes => Set<QuarterNote>();
    public DbSet<PresentedReport> PresentedReports => Set<PresentedReport>();
    public DbSet<StoredFile> StoredFiles => Set<StoredFile>();
    public DbSet<EvidenceRule> EvidenceRules => Set<EvidenceRule>();
    public DbSet<Evidence> Evidence => Set<Evidence>();
    public DbSet<MeetingSeries> Series => Set<MeetingSeries>();
    public DbSet<Occurrence> Occurrences => Set<Occurrence>();
    public DbSet<MeetingKind> MeetingKinds => Set<MeetingKind>();
    public DbSet<MeetingRule> MeetingRules => Set<MeetingRule>();
    public DbSet<Meeting> Meetings => Set<Meeting>();
    public DbSet<Attendance> Attendances => Set<Attendance>();
    public DbSet<Guest> Guests => Set<Guest>();
    public DbSet<MeetingCall> Calls => Set<MeetingCall>();
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<MinutesAct> Minutes => Set<MinutesAct>();
    public DbSet<Agreement> Agreements => Set<Agreement>();
    public DbSet<AgreementNote> AgreementNotes => Set<AgreementNote>();
    public DbSet<Notice> Notices => Set<Notice>();
    public DbSet<NoticeAddress> NoticeAddresses => Set<NoticeAddress>();
    public DbSet<MeetingProposal> MeetingProposals => Set<MeetingProposal>();
    public DbSet<CommunityEvent> Events => Set<CommunityEvent>();
    public DbSet<Registration> Registrations => Set<Registration>();
    public DbSet<DeliveryDay> DeliveryDays => Set<DeliveryDay>();
    public DbSet<Holiday> Holidays => Set<Holiday>();
    public DbSet<Edition> Editions => Set<Edition>();
    public DbSet<Posting> Postings => Set<Posting>();
    public DbSet<InformationRequest> InformationRequests => Set<InformationRequest>();

    /// <summary>What waits for somebody, as of a day.</summary>
    public IQueryable<WorkItem> AgendaWork(DateOnly today) => FromExpression(() => AgendaWork(today));

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<OrganizedBody>().ToTable("organized_body").Property(b => b.Id).ValueGeneratedNever();
        modelBuilder.Entity<BodyMember>(member =>
        {
            member.ToTable("body_member").HasKey(m => new { m.BodyId, m.PersonId, m.JoinedOn });
            member.Property(m => m.Seat).ValueGeneratedOnAddOrUpdate();
        });
        modelBuilder.Entity<AnnualPlan>(plan =>
        {
            plan.ToTable("annual_plan");
            plan.HasMany(p => p.Objectives).WithOne().HasForeignKey(o => o.PlanId);
            plan.HasMany(p => p.Activities).WithOne().HasForeignKey(a => a.PlanId);
            plan.Ignore(p => p.Standing).Ignore(p => p.Agreement);
        });
        modelBuilder.Entity<PlanObjective>().ToTable("plan_objective").HasKey(o => new { o.PlanId, o.Number });
        modelBuilder.Entity<PlanActivity>(activity =>
        {
            activity.ToTable("plan_activity").HasKey(a => new { a.PlanId, a.Number });
            // Said here, so that an objective is inserted before the activity that points to it.
            activity.HasOne<PlanObjective>().WithMany().HasForeignKey(a => new { a.PlanId, a.ObjectiveNumber });
            activity.HasMany(a => a.Programme).WithOne().HasForeignKey(q => new { q.PlanId, q.ActivityNumber });
        });
        modelBuilder.Entity<ScheduledQuantity>().ToTable("plan_schedule").HasKey(q => new { q.PlanId, q.ActivityNumber, q.Month, q.Week });
        modelBuilder.Entity<PlanEdition>(edition =>
        {
            edition.ToTable("plan_edition").HasKey(e => new { e.PlanId, e.Number });
            edition.Property(e => e.Content).HasColumnType("jsonb").HasConversion(Json<EditionContent>());
        });
        modelBuilder.Entity<PlanFact>().ToTable("plan_fact").HasKey(f => new { f.Fact, f.Id });
        modelBuilder.Entity<EvidenceRule>(rule =>
        {
            rule.ToTable("evidence_rule").HasKey(r => new { r.PlanId, r.ActivityNumber, r.Fact, r.Kind, r.BodyKind });
            rule.HasOne<PlanActivity>().WithMany().HasForeignKey(r => new { r.PlanId, r.ActivityNumber });
        });
        modelBuilder.Entity<Evidence>().ToTable("evidence").HasKey(e => new { e.PlanId, e.ActivityNumber, e.Fact, e.FactId });
        modelBuilder.Entity<ActivityProgress>().ToTable("activity_progress").HasKey(p => new { p.PlanId, p.ActivityNumber });
        modelBuilder.Entity<QuarterNote>().ToTable("quarter_note").HasKey(n => new { n.PlanId, n.ActivityNumber, n.Quarter });
        modelBuilder.Entity<PresentedReport>(report =>
        {
            report.ToTable("presented_report").HasKey(r => new { r.PlanId, r.Quarter });
            report.Property(r => r.Content).HasColumnType("jsonb").HasConversion(Json<PlanReport>());
        });
        modelBuilder.Entity<StoredFile>().ToTable("stored_file");
        modelBuilder.Entity<MeetingSeries>(series =>
        {
            series.ToTable("meeting_series");
            series.Ignore(s => s.Current);
            series.HasOne(s => s.Body).WithMany().HasForeignKey(s => s.BodyId);
            series.HasMany(s => s.Templates).WithOne().HasForeignKey(t => t.SeriesId);
            series.HasMany(s => s.Occurrences).WithOne().HasForeignKey(o => o.SeriesId);
        });
        modelBuilder.Entity<SeriesTemplate>().ToTable("series_template").HasKey(t => new { t.SeriesId, t.Number });
        modelBuilder.Entity<Occurrence>(occurrence =>
        {
            occurrence.ToTable("series_occurrence").HasKey(o => new { o.SeriesId, o.OriginalDate });
            occurrence.Ignore(o => o.IsUntouched);
            occurrence.HasOne<SeriesTemplate>().WithMany().HasForeignKey(o => new { o.SeriesId, o.Template });
            occurrence.HasOne<Meeting>().WithMany().HasForeignKey(o => o.MeetingId);
        });
        modelBuilder.Entity<MeetingKind>().ToTable("meeting_kind").HasKey(k => k.Code);
        modelBuilder.Entity<Meeting>(meeting =>
        {
            meeting.ToTable("meeting");
            meeting.Property(m => m.StartsAt).HasColumnType("timestamp without time zone");
            meeting.HasOne(m => m.Body).WithMany().HasForeignKey(m => m.BodyId);
            // Said here, so that the successor is inserted before this one points to it.
            meeting.HasOne<Meeting>().WithMany().HasForeignKey(m => m.SuccessorId);
            meeting.Property(m => m.Draft).HasColumnType("jsonb").HasConversion(Json<MinutesDraft?>());
        });
        modelBuilder.Entity<MeetingRule>(rule =>
        {
            rule.ToTable("meeting_rule").HasKey(r => new { r.Kind, r.EffectiveFrom });
            rule.HasOne<MeetingKind>().WithMany().HasForeignKey(r => r.Kind);
        });
        modelBuilder.Entity<MeetingCall>().ToTable("meeting_call").HasKey(c => new { c.MeetingId, c.Call });
        modelBuilder.Entity<Invitation>().ToTable("meeting_invitation").HasKey(i => new { i.MeetingId, i.PersonId });
        modelBuilder.Entity<Guest>().ToTable("meeting_guest").HasKey(g => new { g.MeetingId, g.Number });
        modelBuilder.Entity<MinutesAct>(act =>
        {
            act.ToTable("minutes");
            act.Property(a => a.Id).ValueGeneratedNever();
            act.Property(a => a.Number).ValueGeneratedOnAdd();
            act.Property(a => a.Content).HasColumnType("jsonb").HasConversion(Json<MinutesContent>());
            act.Property(a => a.PublicContent).HasColumnType("jsonb").HasConversion(Json<MinutesContent?>());
        });
        modelBuilder.Entity<Agreement>().ToTable("meeting_agreement").HasKey(a => new { a.MeetingId, a.Number });
        modelBuilder.Entity<AgreementNote>().ToTable("agreement_note").HasKey(n => new { n.MeetingId, n.Number, n.NotedAt });
        modelBuilder.Entity<Notice>().ToTable("notice").Property(n => n.Id).ValueGeneratedNever();
        modelBuilder.Entity<NoticeAddress>().ToTable("notice_address").HasKey(a => a.PersonId);
        modelBuilder.Entity<Attendance>().ToTable("meeting_attendance").HasKey(a => new { a.MeetingId, a.PersonId });
        modelBuilder.Entity<MeetingProposal>(proposal =>
        {
            proposal.ToTable("meeting_proposal").Property(p => p.Id).ValueGeneratedNever();
            proposal.HasOne<Meeting>().WithMany().HasForeignKey(p => p.MeetingId);
        });
        modelBuilder.Entity<CommunityEvent>(community =>
        {
            community.ToTable("community_event").Ignore(e => e.Where);
            community.Property(e => e.StartsAt).HasColumnType("timestamp without time zone");
            community.Property(e => e.EndsAt).HasColumnType("timestamp without time zone");
        });
        modelBuilder.Entity<Registration>().ToTable("event_registration").Property(r => r.Id).ValueGeneratedNever();
        modelBuilder.Entity<DeliveryDay>().ToTable("delivery_day").Property(d => d.Id).ValueGeneratedNever();
        modelBuilder.HasDbFunction(() => AgendaWork(default)).HasName("agenda_work");
        modelBuilder.Entity<WorkItem>().HasNoKey().ToView(null);
        modelBuilder.Entity<Edition>(edition =>
        {
            edition.ToTable("newspaper_edition").Ignore(e => e.Name);
            edition.Property(e => e.Items).HasColumnType("jsonb").HasConversion(Json<IReadOnlyList<EditionItem>>());
            edition.Property(e => e.Checklist).HasColumnType("jsonb").HasConversion(Json<ReviewChecklist?>());
        });
        modelBuilder.Entity<Posting>(posting =>
        {
            posting.ToTable("newspaper_posting").Ignore(p => p.Place).Property(p => p.Id).ValueGeneratedNever();
            // Said here, so that the edition's row is written first.
            posting.HasOne<Edition>().WithMany().HasForeignKey(p => p.EditionId);
        });
        modelBuilder.Entity<InformationRequest>().ToTable("information_request").Ignore(r => r.Name);
        modelBuilder.Entity<Holiday>().ToTable("holiday").HasKey(h => new { h.Date, h.Name });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<decimal>().HavePrecision(12, 2);
    }

    private static ValueConverter<T, string> Json<T>() => new(
        value => JsonSerializer.Serialize(value, EventJson.Options), text => JsonSerializer.Deserialize<T>(text, EventJson.Options)!);

    public static ConstraintProblems Constraints { get; } = new()
    {
        ["annual_plan_unit_year"] = new("plan_already_exists", "Esa unidad ya tiene un plan para ese año."),
        ["attendance_is_closed"] = new("minutes_closed", "El acta ya está cerrada: lo que falte se corrige con otra acta."),
        ["minutes_of_meeting"] = new("minutes_closed", "El acta ya está cerrada: lo que falte se corrige con otra acta."),
        ["evidence_photo_once"] = new("evidence_twice", "Esa foto ya es medio de verificación de esta actividad: cuenta una sola vez."),
        ["evidence_file_once"] = new("evidence_twice", "Ese documento ya es medio de verificación de esta actividad: si prueba más, indíquelo en quantity."),
        ["event_registration_of_resident"] = new("already_registered", "Ya se inscribió en este evento: cancele su inscripción si quiere cambiarla."),
        ["event_capacity"] = new("seats_exceed_capacity", "No hay tantos cupos."),
        ["newspaper_posted_once"] = new("edition_already_posted", "La edición ya se colocó en ese lugar."),
        ["newspaper_photo_once"] = new("photo_already_used", "Esa foto ya muestra otra colocación."),
        ["approved_edition_stays"] = new("edition_approved", "Una edición aprobada no cambia."),
        ["decided_request_stays"] = new("request_decided", "La solicitud ya se respondió."),
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

[DbContext(typeof(AgendaDb)), Migration("20170101000004_AnnualPlans")]
internal sealed class AnnualPlans : SqlMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000005_MeetingRecords")]
internal sealed class MeetingRecords : SqlMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000006_SeriesTemplates")]
internal sealed class SeriesTemplates : SqlMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000007_CommunityCalendar")]
internal sealed class CommunityCalendar : SqlMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000008_AgendaWork")]
internal sealed class AgendaWork : SqlMigration
{
    // Its file is what the function says today; the last migration that changed it lets it run.
    protected override void Up(MigrationBuilder migrationBuilder)
    {
    }
}

[DbContext(typeof(AgendaDb)), Migration("20170101000009_Refinements")]
internal sealed class Refinements : SqlMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000010_EndedProjects")]
internal sealed class EndedProjects : SqlMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000011_Publications")]
internal sealed class Publications : PublicationsMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000012_Newspaper")]
internal sealed class Newspaper : SqlMigration;

[DbContext(typeof(AgendaDb)), Migration("20170101000013_NewsCorrections")]
internal sealed class NewsCorrections : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        base.Up(migrationBuilder);
        migrationBuilder.Sql(Read(GetType().Assembly, nameof(AgendaWork)));
    }
}

[DbContext(typeof(AgendaDb)), Migration("20170101000014_DeliveryDayNews")]
internal sealed class DeliveryDayNews : SqlMigration;
