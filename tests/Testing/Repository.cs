using System.Runtime.CompilerServices;

namespace ProyeccionSocial.Testing;

/// <summary>This repository, as the tests were built from it.</summary>
public static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Above();

    private static string Above([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
