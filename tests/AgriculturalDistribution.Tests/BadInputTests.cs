using ProyeccionSocial.Testing;

namespace ProyeccionSocial.AgriculturalDistribution.Tests;

public sealed class BadInputTests(DistributionService service) : IClassFixture<DistributionService>
{
    [Fact]
    public async Task Bad_requests_are_refused_in_our_words_and_write_nothing()
    {
        var existing = await ExistingAsync();
        var before = await service.RowCountsAsync();
        var (sent, wrong) = await BadRequestRun.SendAsync(service.Services, role => service.As(role), mayPass: false, existing);
        Assert.True(sent > 10, $"Only {sent} were sent.");
        EndpointTables.NothingIn(wrong);
        Assert.Equal(before, await service.RowCountsAsync());
    }

    [Fact]
    public async Task Odd_requests_are_answered_in_an_orderly_way()
    {
        var (sent, wrong) = await BadRequestRun.SendAsync(service.Services, role => service.As(role), mayPass: true, await ExistingAsync());
        Assert.True(sent > 5, $"Only {sent} were sent.");
        EndpointTables.NothingIn(wrong);
    }

    private async Task<Func<ApiEndpoint, (Guid, string)?>> ExistingAsync()
    {
        var campaign = await service.CampaignAsync();
        return endpoint => endpoint.Pattern.RawText!.Split('/')[3] == "campaigns" ? (Guid.Parse(campaign.Text("id")), DistributionService.ETag(campaign)) : null;
    }
}
