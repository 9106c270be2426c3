using ProyeccionSocial.Testing;

namespace ProyeccionSocial.ParticipatoryBudget.Tests;

public sealed class SchemaTests(BudgetService service) : IClassFixture<BudgetService>
{
    private static readonly string[] Unmapped =
    [
        "outbox.attempts", "outbox.next_attempt_at", "outbox.last_error", "outbox_dead", "published_event", "publication_note", "inbox", "idempotency",
        "__EFMigrationsHistory", "voter", "ballot", "ballot_mark",
    ];

    [Fact]
    public async Task The_model_and_the_migrated_schema_agree() =>
        Assert.Empty(await service.InDatabaseAsync(db => SchemaComparison.DifferencesAsync(db, service.Database, Unmapped)));
}
