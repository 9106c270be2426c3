using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.Organizations.Books;
using ProyeccionSocial.Organizations.Calendar;
using ProyeccionSocial.Organizations.Committees;
using ProyeccionSocial.Organizations.Documents;
using ProyeccionSocial.Organizations.Members;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.Organizations.Places;
using ProyeccionSocial.Organizations.WorkList;

namespace ProyeccionSocial.Organizations.Data;

internal sealed class OrganizationsDb(DbContextOptions<OrganizationsDb> options) : MessagingDbContext(options)
{
    public DbSet<Place> Places => Set<Place>();
    public DbSet<PlaceVersion> PlaceVersions => Set<PlaceVersion>();
    public DbSet<PlaceLocation> PlaceLocations => Set<PlaceLocation>();
    /// <summary>People, without the duplicates that were merged into others.</summary>
    public DbSet<Person> People => Set<Person>();
    public DbSet<PersonIdentity> Identities => Set<PersonIdentity>();
    public DbSet<IdentityRead> IdentityReads => Set<IdentityRead>();
    public DbSet<PersonMerge> PersonMerges => Set<PersonMerge>();
    public DbSet<PersonAffiliation> Affiliations => Set<PersonAffiliation>();
    public DbSet<PersonKinship> Kinships => Set<PersonKinship>();
    public DbSet<Association> Associations => Set<Association>();
    public DbSet<Statutes> Statutes => Set<Statutes>();
    public DbSet<Member> Members => Set<Member>();
    public DbSet<BoardTerm> BoardTerms => Set<BoardTerm>();
    public DbSet<BoardSeat> BoardSeats => Set<BoardSeat>();
    public DbSet<BoardWarning> BoardWarnings => Set<BoardWarning>();
    public DbSet<Receipt> Receipts => Set<Receipt>();
    public DbSet<AnnualFiling> AnnualFilings => Set<AnnualFiling>();
    public DbSet<TerminationCause> TerminationCauses => Set<TerminationCause>();
    public DbSet<Termination> Terminations => Set<Termination>();
    public DbSet<Book> Books => Set<Book>();
    public DbSet<BookEntry> BookEntries => Set<BookEntry>();
    public DbSet<Document> Documents => Set<Document>();
    public DbSet<Ruleset> Rulesets => Set<Ruleset>();
    public DbSet<DayCountPolicy> DayCountPolicies => Set<DayCountPolicy>();
    public DbSet<Holiday> Holidays => Set<Holiday>();
    public DbSet<Committee> Committees => Set<Committee>();
    public DbSet<CommitteeMember> CommitteeMembers => Set<CommitteeMember>();
    public DbSet<CommitteeKind> CommitteeKinds => Set<CommitteeKind>();
    public DbSet<CommitteeRequest> CommitteeRequests => Set<CommitteeRequest>();

    /// <summary>The database's <c>plain</c>: without accents and capitals.</summary>
    public static string Plain(string text) => throw new NotSupportedException("Only within a query.");

    /// <summary>The database's <c>place_path</c>: a place under its parents on a day.</summary>
    public static string PlacePath(Guid place, DateOnly on) => throw new NotSupportedException("Only within a query.");

    /// <summary>What waits for somebody on a day.</summary>
    public IQueryable<WorkItem> WorkItems(DateOnly today) => FromExpression(() => WorkItems(today));

    /// <summary>A place and all that lie below it, by their last versions.</summary>
    public IQueryable<Place> PlacesWithin(Guid place) => FromExpression(() => PlacesWithin(place));

    /// <summary>
    /// The ids of <see cref="PlacesWithin"/>, asked first: with them at hand the database walks a list in its order and
    /// stops when the page is full, where a join with the tree would be planned and read for each page.
    /// </summary>
    public async Task<Guid[]?> PlaceIdsWithinAsync(Guid? place, CancellationToken cancellation) =>
        place is { } root ? await PlacesWithin(root).Select(p => p.Id).ToArrayAsync(cancellation) : null;

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.HasDbFunction(() => Plain(default!)).HasName("plain").IsNullable(false);
        modelBuilder.Entity<PlaceLocation>(location =>
        {
            location.ToTable("place_location");
            location.Property(l => l.Latitude).HasPrecision(6, 4);
            location.Property(l => l.Longitude).HasPrecision(7, 4);
        });
        modelBuilder.HasDbFunction(() => PlacePath(default, default)).HasName("place_path");
        modelBuilder.HasDbFunction(() => PlacesWithin(default)).HasName("places_within");
        modelBuilder.HasDbFunction(() => WorkItems(default)).HasName("work_items");
        modelBuilder.Entity<WorkItem>().HasNoKey().ToView(null);
        modelBuilder.Entity<Place>().ToTable("place");
        modelBuilder.Entity<PlaceVersion>(version =>
        {
            version.ToTable("place_version").HasKey(v => new { v.PlaceId, v.ValidFrom });
            version.HasOne(v => v.Place).WithMany().HasForeignKey(v => v.PlaceId);
        });
        modelBuilder.Entity<Person>().ToTable("person").HasQueryFilter(p => p.MergedIntoId == null);
        modelBuilder.Entity<PersonIdentity>().ToTable("person_identity").HasKey(i => i.PersonId);
        modelBuilder.Entity<IdentityRead>().ToTable("identity_read");
        modelBuilder.Entity<PersonMerge>().ToTable("person_merge").HasKey(m => m.DuplicateId);
        modelBuilder.Entity<PersonAffiliation>().ToTable("person_affiliation");
        modelBuilder.Entity<PersonKinship>().ToTable("person_kinship").HasKey(k => new { k.PersonId, k.RelativeId });
        modelBuilder.Entity<Association>(association =>
        {
            association.ToTable("association");
            association.HasOne(a => a.Place).WithMany().HasForeignKey(a => a.PlaceId);
        });
        modelBuilder.Entity<Statutes>().ToTable("association_statutes").HasKey(s => new { s.AssociationId, s.EffectiveFrom });
        modelBuilder.Entity<Member>(member =>
        {
            member.ToTable("association_member").HasKey(m => new { m.AssociationId, m.PersonId, m.JoinedOn });
            member.HasOne<Association>().WithMany().HasForeignKey(m => m.AssociationId);
        });
        modelBuilder.Entity<BoardTerm>(term =>
        {
            term.ToTable("board_term");
            term.HasOne<Association>().WithMany().HasForeignKey(t => t.AssociationId);
            term.HasMany(t => t.Seats).WithOne().HasForeignKey(s => s.BoardTermId);
        });
        modelBuilder.Entity<BoardSeat>().ToTable("board_seat").HasKey(s => new { s.BoardTermId, s.Post, s.FirstDay });
        modelBuilder.Entity<BoardWarning>().ToTable("board_warning").HasKey(w => new { w.BoardTermId, w.Days });
        modelBuilder.Entity<Receipt>().ToTable("receipt").HasKey(r => new { r.Year, r.Number });
        modelBuilder.Entity<AnnualFiling>().ToTable("annual_filing").HasKey(f => new { f.AssociationId, f.Year });
        modelBuilder.Entity<TerminationCause>().ToTable("termination_cause").HasKey(c => c.Code);
        modelBuilder.Entity<Termination>().ToTable("association_termination").HasKey(t => t.AssociationId);
        modelBuilder.Entity<Book>().ToTable("book");
        modelBuilder.Entity<BookEntry>(entry =>
        {
            entry.ToTable("book_entry").HasKey(e => new { e.BookId, e.Entry });
            entry.Property(e => e.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<Document>(document =>
        {
            document.ToTable("document").HasKey(d => d.Code);
            document.HasOne<Receipt>().WithMany().HasForeignKey(d => new { d.ReceiptYear, d.ReceiptNumber });
            document.HasOne<BoardTerm>().WithMany().HasForeignKey(d => d.BoardTermId);
        });
        modelBuilder.Entity<Ruleset>().ToTable("association_ruleset").HasKey(r => r.Code);
        modelBuilder.Entity<DayCountPolicy>().ToTable("day_count_policy").HasKey(p => p.EffectiveFrom);
        modelBuilder.Entity<Holiday>().ToTable("holiday").HasKey(h => new { h.Date, h.Name });
        modelBuilder.Entity<Committee>(committee =>
        {
            committee.ToTable("committee");
            committee.HasOne(c => c.Place).WithMany().HasForeignKey(c => c.PlaceId);
        });
        modelBuilder.Entity<CommitteeMember>(member =>
        {
            member.ToTable("committee_member").HasKey(m => new { m.CommitteeId, m.PersonId, m.JoinedOn });
            member.HasOne<Committee>().WithMany().HasForeignKey(m => m.CommitteeId);
        });
        modelBuilder.Entity<CommitteeKind>().ToTable("committee_kind").HasKey(k => k.Code);
        modelBuilder.Entity<CommitteeRequest>(request =>
        {
            request.ToTable("committee_request").HasKey(r => new { r.ProjectId, r.Kind });
            request.HasOne<Committee>().WithMany().HasForeignKey(r => r.CommitteeId);
        });
    }

    private static ConstraintProblem MergedMeanwhile { get; } = new(
        "person_merged_meanwhile", "Ese registro se unió a otra persona, o alguien escribió algo con él mientras tanto. Búsquela de nuevo.");

    public static ConstraintProblems Constraints { get; } = new()
    {
        ["person_identity_dui_key"] = new("dui_already_registered", "Ya hay una persona registrada con ese DUI. Búsquela en vez de crearla de nuevo."),
        ["association_member_person_id_fkey"] = MergedMeanwhile,
        ["board_seat_person_id_fkey"] = MergedMeanwhile,
        ["committee_member_person_id_fkey"] = MergedMeanwhile,
        ["person_affiliation_person_id_fkey"] = MergedMeanwhile,
        ["person_kinship_person_id_fkey"] = MergedMeanwhile,
        ["person_kinship_relative_id_fkey"] = MergedMeanwhile,
        ["affiliation_once"] = new("affiliation_already_recorded", "Eso ya está anotado para esas fechas."),
        ["person_kinship_pkey"] = new("kinship_already_recorded", "Ese parentesco ya está anotado."),
        ["association_name_in_place"] = new("association_already_exists", "Ya hay una asociación con ese nombre en ese lugar."),
        ["association_tax_number_key"] = new("tax_number_taken", "Otra asociación tiene ese NIT."),
        ["association_member_pkey"] = new("already_a_member", "Esa persona ya está en la nómina de la asociación."),
        ["member_once_at_a_time"] = new("already_a_member", "Esa persona ya está en la nómina de la asociación en esas fechas."),
        ["board_terms_do_not_overlap"] = new("board_terms_overlap", "El período choca con el de otra junta directiva."),
        ["one_post_per_person"] = new("person_holds_two_posts", "Una persona solo puede tener un cargo en la junta."),
        ["one_holder_per_post"] = new("post_taken_twice", "Ese cargo ya lo tiene otra persona en esas fechas."),
        ["one_board_per_person"] = new("person_sits_in_another_board", "Una de las personas electas tiene un cargo en otra junta directiva en esas fechas."),
        ["register_entry_association_key"] = new("already_registered", "La asociación ya está inscrita en el libro."),
        ["book_full"] = new("book_full", "El libro no tiene más folios. Abra el siguiente."),
        ["book_closed"] = new("book_closed", "Ese libro está cerrado. Escriba en el siguiente."),
        ["book_one_open"] = new("book_already_open", "Ya hay un libro de ese tipo abierto."),
        ["book_number"] = new("book_already_open", "Ese libro ya se abrió."),
        ["book_entry_immutable"] = new("book_entry_immutable", "El asiento está cerrado. Corríjalo con un asiento nuevo."),
        ["committee_name_in_place"] = new("committee_already_exists", "Ya hay un comité de ese tipo con ese nombre en ese lugar."),
        ["committee_one_per_project"] = new("committee_already_exists", "La obra ya tiene su comité de ese tipo."),
        ["committee_post_once"] = new("post_taken_twice", "Ese cargo del comité solo lo puede tener una persona."),
        ["committee_member_pkey"] = new("already_a_member", "Esa persona ya integra el comité."),
        ["committee_member_once"] = new("already_a_member", "Esa persona ya integra el comité en esas fechas."),
        ["one_committee_per_project"] = new("sits_in_the_other_committee", "Los comités ejecutor y contralor de una obra no comparten integrantes."),
        ["institution_seat_once"] = new("institution_twice", "Esa institución ya tiene su asiento en el comité."),
        ["committee_excludes_officials"] = new("committee_excludes_officials", "En un comité contralor no puede haber empleados municipales, miembros del concejo, contratistas de la obra ni sus parientes."),
        ["affiliated_sits_in_oversight"] = new("affiliated_sits_in_oversight", "Esa persona o un pariente suyo integra un comité contralor en esas fechas. Registre primero su sustitución."),
        ["place_name_under_parent"] = new("place_already_exists", "Ya hay un lugar con ese nombre bajo el mismo lugar superior en esas fechas."),
        ["association_dates"] = new("dates_out_of_order", "Las fechas no van en orden: revise la asamblea, la solicitud y la resolución."),
        ["one_ruleset_at_a_time"] = new("rulesets_overlap", "En esas fechas ya rigen otras reglas."),
    };
}

[DbContext(typeof(OrganizationsDb)), Migration("20170101000000_Messaging")]
internal sealed class Messaging : MessagingMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000001_Holidays")]
internal sealed class Holidays : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000002_Organizations")]
internal sealed class Organizations : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000003_People")]
internal sealed class People : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000004_Territory")]
internal sealed class Territory : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000005_Associations")]
internal sealed class Associations : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000006_Committees")]
internal sealed class Committees : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000007_WorkList")]
internal sealed class WorkList : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000008_ImportParts")]
internal sealed class ImportParts : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000009_EndedProjects")]
internal sealed class EndedProjects : SqlMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000010_Publications")]
internal sealed class Publications : PublicationsMigration;

[DbContext(typeof(OrganizationsDb)), Migration("20170101000011_PlaceLocations")]
internal sealed class PlaceLocations : SqlMigration;
