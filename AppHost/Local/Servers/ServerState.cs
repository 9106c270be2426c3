using System.Security.Cryptography;
using System.Text.Json;

namespace ProyeccionSocial.Local.Servers;

/// <summary>What must stay the same between two starts of a server: kept beside its data, readable by its owner only.</summary>
internal sealed class ServerState
{
    public string Password { get; set; } = NewSecret(32);

    /// <summary>Distinguishes this server's node from any other of the machine.</summary>
    public string Id { get; set; } = RandomNumberGenerator.GetHexString(8, lowercase: true);

    public Dictionary<string, int> Ports { get; set; } = [];

    public static string NewSecret(int length) =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length);

    public static ServerState Load(string folder)
    {
        var path = PathIn(folder);
        return File.Exists(path) ? JsonSerializer.Deserialize<ServerState>(File.ReadAllText(path))! : new ServerState();
    }

    public void Save(string folder) => PrivateFile.Write(PathIn(folder), JsonSerializer.Serialize(this));

    private static string PathIn(string folder) => Path.Combine(folder, "server.json");
}

/// <summary>Files that only their owner may read.</summary>
internal static class PrivateFile
{
    public static void Write(string path, string text)
    {
        var unfinished = path + ".new";
        File.Delete(unfinished);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var writer = new StreamWriter(unfinished, options))
            writer.Write(text);
        File.Move(unfinished, path, overwrite: true);
    }
}
