using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

public sealed class SchemaTests(DistributionService service) : IClassFixture<DistributionService>
{
    // The roster and the files are worked on in sets.
    private static readonly string[] Unmapped =
    [
        "outbox.attempts", "outbox.next_attempt_at", "outbox.last_error", "outbox_dead", "published_event", "publication_note", "inbox", "idempotency", "__EFMigrationsHistory",
        "import_job", "import_part", "import_rejection", "hamlet", "beneficiary", "association", "expected_producers", "entitlement", "centre_hamlet", "roster_difference", "roster_import", "personal_read", "summons", "receipt", "centre_closing",
        "closing_count", "stock_entry.receipt_id", "device", "signing_key", "centre_list", "centre_list_line", "journal_entry", "receipt_decision", "day_recount", "incident_export", "incident_export_line", "personal_read_of",
    ];

    [Fact]
    public async Task The_model_and_the_migrated_schema_agree() =>
        Assert.Empty(await service.InDatabaseAsync(db => SchemaComparison.DifferencesAsync(db, service.Database, Unmapped)));
}
