using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class SchemaTests(AgendaService service) : IClassFixture<AgendaService>
{
    private static readonly string[] Unmapped =
    [
        "outbox.attempts", "outbox.next_attempt_at", "outbox.last_error", "outbox_dead", "published_event", "publication_note", "inbox", "idempotency",
        "__EFMigrationsHistory", "ended_project", "public_news", "news_correction", "answer_rule",
    ];

    [Fact]
    public async Task The_model_and_the_migrated_schema_agree() =>
        Assert.Empty(await service.InDatabaseAsync(db => SchemaComparison.DifferencesAsync(db, service.Database, Unmapped)));
}
