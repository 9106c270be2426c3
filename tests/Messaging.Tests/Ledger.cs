using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ProyeccionSocial.Contracts;

// The exchange of a test event is named after its namespace, as any event's.
namespace ProyeccionSocial.Messaging.Tests;

/// <summary>A small service of its own: accounts that change, events that say so, and a consumer that adds up.</summary>
internal sealed class LedgerDb(DbContextOptions<LedgerDb> options) : MessagingDbContext(options)
{
    public DbSet<Account> Accounts => Set<Account>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Account>().ToTable("account");
    }
}

[DbContext(typeof(LedgerDb)), Migration("1_Messaging")]
internal sealed class LedgerMessaging : MessagingMigration;

[DbContext(typeof(LedgerDb)), Migration("3_Publications")]
internal sealed class LedgerPublications : PublicationsMigration;

[DbContext(typeof(LedgerDb)), Migration("2_Ledger")]
internal sealed class LedgerTables : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE account (id uuid PRIMARY KEY, version bigint NOT NULL, balance int NOT NULL);
        CREATE TABLE latest (subject uuid PRIMARY KEY, version bigint NOT NULL, balance int NOT NULL);
        CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, subject uuid, version bigint, event_id uuid, at timestamptz DEFAULT clock_timestamp());
        """);
}

internal sealed class Account : Aggregate
{
    public int Balance { get; private set; }

    public void Deposit(int amount, string? note = null)
    {
        Balance += amount;
        Raise(new Deposited { AccountId = Id, Balance = Balance, Note = note }, DateTimeOffset.UtcNow);
    }

    public void Fail(bool always)
    {
        Raise(new Poisoned { AccountId = Id, Always = always }, DateTimeOffset.UtcNow);
    }
}

[PublicEvent("ledger.account.deposited.v1")]
public sealed record Deposited : DomainEvent
{
    public required Guid AccountId { get; init; }
    public required int Balance { get; init; }
    public string? Note { get; init; }
    [System.Text.Json.Serialization.JsonIgnore]
    public override Guid SubjectId => AccountId;
}

public sealed record Poisoned : DomainEvent
{
    public required Guid AccountId { get; init; }
    public required bool Always { get; init; }
    [System.Text.Json.Serialization.JsonIgnore]
    public override Guid SubjectId => AccountId;
}

/// <summary>Writes one row for each effect, so that a second effect of the same event would show, and the latest state.</summary>
internal sealed class OnDeposited(LedgerDb db) : IConsumer<Deposited>
{
    public Task Consume(ConsumeContext<Deposited> context) => db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO effect (subject, version, event_id) VALUES ({context.Message.AccountId}, {context.Message.Version}, {context.Message.EventId});
        INSERT INTO latest AS known (subject, version, balance) VALUES ({context.Message.AccountId}, {context.Message.Version}, {context.Message.Balance})
        ON CONFLICT (subject) DO UPDATE SET version = excluded.version, balance = excluded.balance WHERE known.version < excluded.version
        """);
}

/// <summary>Throws as long as the switch says so.</summary>
internal sealed class OnPoisoned(LedgerDb db, PoisonSwitch poison) : IConsumer<Poisoned>
{
    public async Task Consume(ConsumeContext<Poisoned> context)
    {
        Interlocked.Increment(ref poison.Attempts);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO effect (subject, version, event_id) VALUES ({context.Message.AccountId}, {context.Message.Version}, {context.Message.EventId})");
        if (poison.On)
            throw new InvalidOperationException("This message is poison.");
    }
}

internal sealed class PoisonSwitch
{
    public volatile bool On = true;
    public int Attempts;
}
