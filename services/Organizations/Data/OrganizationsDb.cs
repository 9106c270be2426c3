using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Calendar;
using ProyeccionSocial.Organizations.Committees;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.Organizations.Places;

namespace ProyeccionSocial.Organizations.Data;

internal sealed class OrganizationsDb(DbContextOptions<OrganizationsDb> options) : MessagingDbContext(options)
{
    public DbSet<Place> Places => Set<Place>();
    public DbSet<ImportJob> ImportJobs => Set<ImportJob>();
    public DbSet<ImportRejection> ImportRejections => Set<ImportRejection>();
    public DbSet<Person> People => Set<Person>();
    public DbSet<PersonIdentity> Identities => Set<PersonIdentity>();
    public DbSet<IdentityRead> IdentityReads => Set<IdentityRead>();
    public DbSet<Association> Associations => Set<Association>();
    public DbSet<Member> Members => Set<Member>();
    public DbSet<BoardTerm> BoardTerms => Set<BoardTerm>();
    public DbSet<Receipt> Receipts => Set<Receipt>();
    public DbSet<RegisterEntry> RegisterEntries => Set<RegisterEntry>();
    public DbSet<Ruleset> Rulesets => Set<Ruleset>();
    public DbSet<DayCountPolicy> DayCountPolicies => Set<DayCountPolicy>();
    public DbSet<Holiday> Holidays => Set<Holiday>();
    public DbSet<Committee> Committees => Set<Committee>();
    public DbSet<CommitteeMember> CommitteeMembers => Set<CommitteeMember>();
    public DbSet<CommitteeKind> CommitteeKinds => Set<CommitteeKind>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Place>().ToTable("place");
        modelBuilder.Entity<ImportJob>().ToTable("import_job");
        modelBuilder.Entity<ImportRejection>().ToTable("import_rejection").HasKey(r => new { r.JobId, r.Line });
        modelBuilder.Entity<Person>().ToTable("person");
        modelBuilder.Entity<PersonIdentity>().ToTable("person_identity").HasKey(i => i.PersonId);
        modelBuilder.Entity<IdentityRead>().ToTable("identity_read");
        modelBuilder.Entity<Association>(association =>
        {
            association.ToTable("association");
            association.HasOne(a => a.Place).WithMany().HasForeignKey(a => a.PlaceId);
        });
        modelBuilder.Entity<Member>().ToTable("association_member").HasKey(m => new { m.AssociationId, m.PersonId });
        modelBuilder.Entity<BoardTerm>(term =>
        {
            term.ToTable("board_term");
            term.HasMany(t => t.Seats).WithOne().HasForeignKey(s => s.BoardTermId);
        });
        modelBuilder.Entity<BoardSeat>().ToTable("board_seat").HasKey(s => new { s.BoardTermId, s.Post });
        modelBuilder.Entity<Receipt>().ToTable("receipt").HasKey(r => new { r.Year, r.Number });
        modelBuilder.Entity<RegisterEntry>().ToTable("register_entry").HasKey(e => new { e.Book, e.Entry });
        modelBuilder.Entity<Ruleset>().ToTable("association_ruleset").HasKey(r => r.Code);
        modelBuilder.Entity<DayCountPolicy>().ToTable("day_count_policy").HasKey(p => p.EffectiveFrom);
        modelBuilder.Entity<Holiday>().ToTable("holiday").HasKey(h => new { h.Date, h.Name });
        modelBuilder.Entity<Committee>(committee =>
        {
            committee.ToTable("committee");
            committee.HasOne(c => c.Place).WithMany().HasForeignKey(c => c.PlaceId);
        });
        modelBuilder.Entity<CommitteeMember>().ToTable("committee_member").HasKey(m => new { m.CommitteeId, m.PersonId });
        modelBuilder.Entity<CommitteeKind>().ToTable("committee_kind").HasKey(k => k.Code);
    }

    public static ConstraintProblems Constraints { get; } = new()
    {
        ["person_identity_dui_key"] = new("dui_already_registered", "Ya hay una persona registrada con ese DUI. Búsquela en vez de crearla de nuevo."),
        ["association_name_in_place"] = new("association_already_exists", "Ya hay una asociación con ese nombre en ese lugar."),
        ["association_member_pkey"] = new("already_a_member", "Esa persona ya está en la nómina de la asociación."),
        ["board_terms_do_not_overlap"] = new("board_terms_overlap", "El período choca con el de otra junta directiva."),
        ["one_post_per_person"] = new("person_holds_two_posts", "Una persona solo puede tener un cargo en la junta."),
        ["register_entry_association_key"] = new("already_registered", "La asociación ya está inscrita en el libro."),
        ["register_book_full"] = new("register_book_full", "El libro no tiene más folios. Abra el siguiente."),
        ["committee_name_in_place"] = new("committee_already_exists", "Ya hay un comité de ese tipo con ese nombre en ese lugar."),
        ["committee_post_once"] = new("post_taken_twice", "Ese cargo del comité solo lo puede tener una persona."),
        ["place_name_under_parent"] = new("place_already_exists", "Ya hay un lugar con ese nombre bajo el mismo lugar superior en esas fechas."),
        ["association_dates"] = new("dates_out_of_order", "Las fechas no van en orden: revise la asamblea, la solicitud y la resolución."),
    };
}

[DbContext(typeof(OrganizationsDb)), Migration("20170101000000_Messaging")]
internal sealed class Messaging : MessagingMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000001_Holidays")]
internal sealed class Holidays : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000002_Organizations")]
internal sealed class Organizations : SqlMigration;
