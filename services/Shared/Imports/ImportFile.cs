using Npgsql;

namespace ProyeccionSocial.Imports;

/// <summary>A file that is being taken in.</summary>
public sealed class ImportFile
{
    private const int RowsPerReport = 10_000;

    private readonly NpgsqlDataSource _database;
    private int _reported;

    internal ImportFile(NpgsqlDataSource database, Guid id, Guid? subject, bool isConfirmed) =>
        (_database, Id, Subject, IsConfirmed) = (database, id, subject, isConfirmed);

    /// <summary>Of the job.</summary>
    public Guid Id { get; }

    /// <summary>What it belongs to; null where it belongs to the whole service.</summary>
    public Guid? Subject { get; }

    /// <summary>Whether somebody has seen the difference and wants it.</summary>
    public bool IsConfirmed { get; }

    /// <summary>The whole file, for kinds whose files are small.</summary>
    public async Task<byte[]> ReadAsync(CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        await using var parts = OpenRead();
        await parts.CopyToAsync(whole, cancellation);
        return whole.ToArray();
    }

    /// <summary>The file part by part, from its beginning; to be read asynchronously.</summary>
    public Stream OpenRead() => new Parts(_database, Id);

    /// <summary>Lets whoever watches know how many rows were read; now and then, it is not free.</summary>
    public async Task ReportAsync(int rows, CancellationToken cancellation)
    {
        if (rows < _reported + RowsPerReport)
            return;
        _reported = rows;
        await using var update = _database.CreateCommand("UPDATE import_job SET total = $2 WHERE id = $1 AND state = 'running'");
        update.Parameters.Add(new() { Value = Id });
        update.Parameters.Add(new() { Value = rows });
        await update.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Each part is read with a query of its own, so the connection that writes the rows stays free for that.</summary>
    private sealed class Parts(NpgsqlDataSource database, Guid job) : Stream
    {
        private byte[] _part = [];
        private int _at;
        private int _number;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_at == _part.Length)
            {
                await using var next = database.CreateCommand("SELECT content FROM import_part WHERE job_id = $1 AND number = $2");
                next.Parameters.Add(new() { Value = job });
                next.Parameters.Add(new() { Value = ++_number });
                if (await next.ExecuteScalarAsync(cancellationToken) is not byte[] part)
                    return 0;
                (_part, _at) = (part, 0);
            }
            var count = Math.Min(buffer.Length, _part.Length - _at);
            _part.AsSpan(_at, count).CopyTo(buffer.Span);
            _at += count;
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing here blocks a thread on the database.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
