using System.Security.Cryptography;

namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>Codes that are printed, read aloud and typed, and that nobody guesses.</summary>
public static class Codes
{
    // Without 0, 1, i, l and o, which a hand copies wrong.
    private const string Letters = "23456789abcdefghjkmnpqrstuvwxyz";

    /// <summary>A new one of this many characters, each of 31.</summary>
    public static string New(int length) => RandomNumberGenerator.GetString(Letters, length);
}
