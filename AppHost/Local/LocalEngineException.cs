namespace ProyeccionSocial.Local;

/// <summary>Something that the local engine cannot do, in words for whoever operates it.</summary>
public sealed class LocalEngineException : Exception
{
    public LocalEngineException(string message)
        : base(message)
    {
    }

    public LocalEngineException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
