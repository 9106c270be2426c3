using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class SchemaTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    private static readonly string[] Unmapped =
    [
        "outbox.attempts", "outbox.next_attempt_at", "outbox.last_error", "outbox_dead", "published_event", "publication_note", "inbox", "idempotency",
        "receipt_counter", "import_job", "import_part", "import_rejection", "__EFMigrationsHistory", "ended_project",
    ];

    [Fact]
    public async Task The_model_and_the_migrated_schema_agree() =>
        Assert.Empty(await service.InDatabaseAsync(db => SchemaComparison.DifferencesAsync(db, service.Database, Unmapped)));

    [Fact]
    public async Task A_difference_of_any_kind_is_found()
    {
        await using var deviating = new Deviating(new DbContextOptionsBuilder<Deviating>().UseNpgsql().Options);
        var found = await SchemaComparison.DifferencesAsync(deviating, service.Database, "nowhere");
        Assert.Contains("person.shoe_size is not in the database", found);
        Assert.Contains("person.id is uuid not null in the database and text not null in the model", found);
        Assert.Contains("person.surnames is text not null in the database and text null in the model", found);
        Assert.Contains("primary key board_seat (post) is not in the database", found);
        Assert.Contains("foreign key person (shoe_size) → place is not in the database", found);
        Assert.Contains("person.birth_date is not in the model", found);
        Assert.Contains("association.name is not in the model", found);
        Assert.Contains("nowhere is said to be unmapped and does not exist", found);
    }

    private sealed class Deviating(DbContextOptions<Deviating> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity("place").ToTable("place").Property<string>("id");
            modelBuilder.Entity("place").HasKey("id");
            modelBuilder.Entity("seat").ToTable("board_seat").Property<string>("post");
            modelBuilder.Entity("seat").HasKey("post");
            var person = modelBuilder.Entity("person").ToTable("person");
            person.Property<string>("id");
            person.Property<string?>("surnames");
            person.Property<string>("shoe_size");
            person.HasKey("id");
            person.HasOne("place").WithMany().HasForeignKey("shoe_size");
        }
    }
}
