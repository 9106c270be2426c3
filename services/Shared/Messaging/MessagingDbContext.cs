using System.Diagnostics;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Messaging.Outbox;

namespace ProyeccionSocial.Messaging;

/// <summary>
/// A service's database: saving writes the events of the changed aggregates into the outbox, in the same
/// transaction. Names are <c>snake_case</c>, enums are kebab-case text, an aggregate's version is its concurrency
/// token.
/// </summary>
public abstract class MessagingDbContext(DbContextOptions options) : DbContext(options)
{
    internal bool HasWrittenEvents { get; set; }

    /// <inheritdoc/>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        WriteEvents();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <summary>
    /// A transaction for a step of its own, or part of the one that is open already: a request with an idempotency key runs
    /// in the transaction that keeps its answer.
    /// </summary>
    public async Task<StepTransaction> BeginStepAsync(CancellationToken cancellation) =>
        new(Database.CurrentTransaction is null ? await Database.BeginTransactionAsync(cancellation) : null);

    /// <summary>Not offered: nothing here blocks a thread on the database.</summary>
    public override int SaveChanges(bool acceptAllChangesOnSuccess) =>
        throw new NotSupportedException("Use SaveChangesAsync.");

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OutboxMessage>(outbox =>
        {
            outbox.ToTable("outbox");
            outbox.Property(m => m.Body).HasColumnType("json");
        });
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Conventions.Add(_ => new NamingConvention());

    private void WriteEvents()
    {
        foreach (var entry in ChangeTracker.Entries<Aggregate>().ToArray())
        {
            foreach (var happened in entry.Entity.TakeEvents())
                Say(happened);
        }
    }

    /// <summary>Sent once what is saved with it is committed.</summary>
    internal void Say(DomainEvent happened)
    {
        HasWrittenEvents = true;
        Add(new OutboxMessage
        {
            MessageId = happened.EventId,
            Type = EventJson.ExchangeOf(happened.GetType()),
            PublicType = EventJson.PublicTypeOf(happened.GetType()),
            Subject = happened.SubjectId,
            Version = happened.Version,
            Body = EventJson.Write(happened),
            Traceparent = Activity.Current?.Id,
            CreatedAt = happened.OccurredAt,
        });
    }

    // EFCore.NamingConventions would do this, but it has no release for this EF Core on every feed we build from.
    private sealed class NamingConvention : Microsoft.EntityFrameworkCore.Metadata.Conventions.IModelFinalizingConvention
    {
        public void ProcessModelFinalizing(
            Microsoft.EntityFrameworkCore.Metadata.Builders.IConventionModelBuilder modelBuilder,
            Microsoft.EntityFrameworkCore.Metadata.Conventions.IConventionContext<
                Microsoft.EntityFrameworkCore.Metadata.Builders.IConventionModelBuilder> context)
        {
            foreach (var entity in modelBuilder.Metadata.GetEntityTypes())
            {
                if (entity.GetTableNameConfigurationSource() != ConfigurationSource.Explicit && entity.GetTableName() is { } table)
                    entity.SetTableName(SnakeCase(table));
                foreach (var property in entity.GetProperties())
                {
                    if (property.GetColumnNameConfigurationSource() != ConfigurationSource.Explicit)
                        property.SetColumnName(SnakeCase(property.Name));
                    if ((Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType).IsEnum)
                        property.SetValueConverter(typeof(KebabCaseConverter<>)
                            .MakeGenericType(Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType));
                }
                if (typeof(Aggregate).IsAssignableFrom(entity.ClrType))
                {
                    entity.FindProperty(nameof(Aggregate.Version))!.SetIsConcurrencyToken(true);
                    entity.FindProperty(nameof(Aggregate.Id))!.SetValueGenerated(ValueGenerated.Never);
                }
            }
        }

        private static string SnakeCase(string name)
        {
            var snake = new StringBuilder(name.Length + 8);
            for (var i = 0; i < name.Length; i++)
            {
                if (i > 0 && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
                    snake.Append('_');
                snake.Append(char.ToLowerInvariant(name[i]));
            }
            return snake.ToString();
        }
    }
}

/// <summary>A transaction that is committed here, unless it is somebody else's.</summary>
public sealed class StepTransaction(IDbContextTransaction? own) : IAsyncDisposable
{
    /// <summary>Commits what is ours; the rest is committed by whoever began it.</summary>
    public Task CommitAsync(CancellationToken cancellation) => own?.CommitAsync(cancellation) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => own?.DisposeAsync() ?? ValueTask.CompletedTask;
}
