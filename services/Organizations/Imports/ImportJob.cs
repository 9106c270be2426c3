namespace ProyeccionSocial.Organizations.Imports;

internal enum ImportState
{
    Queued,
    Running,
    Completed,
    Failed,
}

/// <summary>A file that is taken in behind the request: what to watch, and what became of it.</summary>
internal sealed class ImportJob
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required string Kind { get; init; }
    public ImportState State { get; init; } = ImportState.Queued;
    public byte[]? Content { get; init; }
    public int Total { get; init; }
    public int Accepted { get; init; }
    public int Rejected { get; init; }
    public string? Failure { get; init; }
    public int Attempts { get; init; }
    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>A row that was not taken, and why, in words for the person who prepared the file.</summary>
internal sealed class ImportRejection
{
    public Guid JobId { get; init; }
    public int Line { get; init; }
    public required string Reason { get; init; }
    public required string Row { get; init; }
}
