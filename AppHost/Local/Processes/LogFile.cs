namespace ProyeccionSocial.Local.Processes;

/// <summary>The log of one resource: bounded on disk, its last lines at hand.</summary>
internal sealed class LogFile : IDisposable
{
    private const long MaxBytes = 10 * 1024 * 1024;
    private const int TailLines = 15;

    private readonly Lock _gate = new();
    private readonly Queue<string> _tail = new();
    private StreamWriter _writer;
    private long _length;

    public LogFile(string path)
    {
        Path = path;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        _writer = Open();
    }

    public string Path { get; }

    public IReadOnlyList<string> Tail
    {
        get
        {
            lock (_gate)
                return [.. _tail];
        }
    }

    /// <summary>Marks a new start; the last lines begin anew.</summary>
    public void Begin(string heading)
    {
        WriteLine($"--- {heading} ---");
        lock (_gate)
            _tail.Clear();
    }

    public void WriteLine(string line)
    {
        lock (_gate)
        {
            if (_tail.Count == TailLines)
                _tail.Dequeue();
            _tail.Enqueue(line);
            try
            {
                if (_length > MaxBytes)
                    Rotate();
                _writer.WriteLine(line);
                _length += line.Length + 1;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // A full disk must not stop the pump: a child that cannot write would block.
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _writer.Dispose();
    }

    private void Rotate()
    {
        _writer.Dispose();
        File.Move(Path, Path + ".1", overwrite: true);
        _writer = Open();
    }

    private StreamWriter Open()
    {
        var file = new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        _length = file.Length;
        return new StreamWriter(file) { AutoFlush = true };
    }
}
