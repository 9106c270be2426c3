using ProyeccionSocial.Messaging;
using ProyeccionSocial.Papers;

namespace ProyeccionSocial.Imports;

/// <summary>How far a file is.</summary>
public enum ImportState
{
    /// <summary>It waits for its turn.</summary>
    Queued,

    /// <summary>It is being read and written.</summary>
    Running,

    /// <summary>It would change what is there already: somebody looks at the difference and confirms it, or discards the file.</summary>
    Ready,

    /// <summary>It was taken in.</summary>
    Completed,

    /// <summary>Nothing of it was taken in.</summary>
    Failed,

    /// <summary>Whoever looked at the difference did not want it.</summary>
    Discarded,
}

/// <summary>A file on its way in, as whoever handed it in watches it.</summary>
/// <param name="Id">Of the job.</param>
/// <param name="State">How far it is.</param>
/// <param name="Total">Rows that were read so far, or in all.</param>
/// <param name="Accepted">Rows that were taken, or would be.</param>
/// <param name="Rejected">Rows that were not; they are listed with their reasons.</param>
/// <param name="Report">What it did, or would do, in figures by their names; null where there is nothing more to say.</param>
/// <param name="Failure">Why nothing was taken, in Spanish.</param>
/// <param name="CreatedAt">When it was handed in.</param>
/// <param name="FinishedAt">When its work ended.</param>
public sealed record ImportView(
    Guid Id, ImportState State, int Total, int Accepted, int Rejected, IReadOnlyDictionary<string, int>? Report, string? Failure, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    /// <summary>How one looks.</summary>
    public static ImportView Example => new(
        new Guid("01936d0a-7c00-7000-8000-000000000001"), ImportState.Completed, 1200, 1188, 12, new Dictionary<string, int> { ["added"] = 1188 }, null,
        new DateTimeOffset(2026, 11, 22, 15, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 22, 15, 0, 2, TimeSpan.Zero));
}

/// <summary>What became of a file.</summary>
/// <param name="Total">Rows that it had.</param>
/// <param name="Rejected">Those that were not taken.</param>
/// <param name="Report">Figures by their names.</param>
/// <param name="AwaitsConfirmation">Whether nothing was changed yet, and somebody has to look at the difference first.</param>
public sealed record ImportResult(int Total, IReadOnlyCollection<RejectedRow> Rejected, IReadOnlyDictionary<string, int>? Report = null, bool AwaitsConfirmation = false);

/// <summary>The tables of a service that takes in files.</summary>
public abstract class ImportsMigration : SqlMigration
{
    /// <inheritdoc/>
    protected override void Up(Microsoft.EntityFrameworkCore.Migrations.MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(Read(typeof(ImportsMigration).Assembly, "Imports"));
}
