namespace ProyeccionSocial.Testing;

/// <summary>Waits for what arrives by event.</summary>
public static class Eventually
{
    /// <summary>Asks every 20 ms until <paramref name="found"/> gives something other than null.</summary>
    /// <exception cref="TimeoutException">Nothing came within <paramref name="seconds"/>.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> found, int seconds = 60, string? what = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        do
        {
            if (await found() is { } value)
                return value;
        }
        while (!limit.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None));
        throw new TimeoutException($"{what ?? "It"} did not come within {seconds} s.");
    }

    /// <summary>Asks every 20 ms until the condition holds.</summary>
    /// <exception cref="TimeoutException">It does not hold within <paramref name="seconds"/>.</exception>
    public static Task TrueAsync(Func<Task<bool>> condition, int seconds = 60, string? what = null) =>
        GetAsync<object>(async () => await condition() ? new object() : null, seconds, what);
}
