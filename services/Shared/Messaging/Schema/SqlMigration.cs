using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ProyeccionSocial.Messaging;

/// <summary>
/// A migration whose steps are the SQL file embedded beside it under its own name: what runs is what one reads.
/// </summary>
public abstract class SqlMigration : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(Read(GetType().Assembly, GetType().Name));

    /// <summary>Reads the one embedded file whose name ends in <c>.{name}.sql</c>.</summary>
    /// <exception cref="InvalidOperationException">No such file is embedded.</exception>
    protected static string Read(Assembly assembly, string name)
    {
        var resource = assembly.GetManifestResourceNames()
            .SingleOrDefault(r => r.EndsWith($".{name}.sql", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{name}.sql is not embedded in {assembly.GetName().Name}.");
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}

/// <summary>The first migration of every service: outbox, inbox, published events and idempotency keys.</summary>
public abstract class MessagingMigration : SqlMigration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(Read(typeof(MessagingMigration).Assembly, "Messaging"));
}

/// <summary>What a service said can be corrected and taken back; comes after the service's own migrations.</summary>
public abstract class PublicationsMigration : SqlMigration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(Read(typeof(PublicationsMigration).Assembly, "Publications"));
}
