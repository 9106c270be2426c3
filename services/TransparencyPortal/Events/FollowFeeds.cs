namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>Reads each feed to its end, and looks again each second. A service that is away is waited for; the others go on.</summary>
internal sealed partial class FollowFeeds(IServiceScopeFactory scopes, KeepEvents keep, ILogger<FollowFeeds> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(FeedClient.Sources.Select(source => FollowAsync(source, stoppingToken)));

    private async Task FollowAsync(string source, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var pause = Pause;
            try
            {
                if (await StepAsync(source, stop))
                    continue;
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                LogFailed(failure, source);
                pause = AfterFailure;
            }
            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether there is more to read at once.</returns>
    public async Task<bool> StepAsync(string source, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var after = await keep.PositionAsync(source, cancellation);
        var page = await scope.ServiceProvider.GetRequiredService<FeedClient>().ReadAsync(source, after, cancellation);
        if (page is null || page.Items.Count == 0)
            return false;
        await keep.KeepAsync(source, after, page, cancellation);
        return page.Items.Count == FeedClient.PageSize;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The feed of {Source} could not be kept")]
    private partial void LogFailed(Exception failure, string source);
}
