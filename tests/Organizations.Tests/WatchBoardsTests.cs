using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>What comes with the days of a board's term, by a clock that the test sets.</summary>
public sealed class WatchBoardsTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task The_end_of_a_term_is_told_60_30_and_7_days_ahead_each_once_and_then_the_board_expires()
    {
        var association = await service.ActiveAsync(); // Until 2019-01-19.
        await LookOnAsync("2018-11-19");
        Assert.Empty(await WarningsAsync(association));
        await LookOnAsync("2018-11-20");
        await LookOnAsync("2018-11-20");
        await LookOnAsync("2018-12-19");
        Assert.Equal(["60"], await WarningsAsync(association));
        await LookOnAsync("2018-12-20");
        await LookOnAsync("2019-01-11");
        Assert.Equal(["60", "30"], await WarningsAsync(association));
        await LookOnAsync("2019-01-12");
        await LookOnAsync("2019-01-19");
        Assert.Equal(["60", "30", "7"], await WarningsAsync(association));
        Assert.Equal("active", (await association.LookAsync()).Text("state"));
        await LookOnAsync("2019-01-20");
        Assert.Equal("board-expired", (await association.LookAsync()).Text("state"));
    }

    [Fact]
    public async Task After_a_long_stop_only_the_warning_that_is_near_is_given()
    {
        var association = await service.ActiveAsync();
        await LookOnAsync("2019-01-15");
        Assert.Equal(["7"], await WarningsAsync(association));
    }

    [Fact]
    public async Task Two_looks_at_once_warn_and_expire_once()
    {
        var association = await service.ActiveAsync();
        foreach (var day in new[] { "2018-12-25", "2019-03-01" })
        {
            using (service.Clock.NoonOf(day))
                await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.WatchDeadlinesAsync()));
        }
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["AssociationBoardExpiring", "AssociationBoardExpired"],
            await service.RowsAsync($"SELECT split_part(type, ':', 2) FROM published_event WHERE subject = '{association.Id}' AND type ~ 'BoardExpir' ORDER BY position"));
    }

    [Fact]
    public async Task An_expired_board_does_not_end_the_association_and_the_next_one_resumes_it()
    {
        var association = await service.ActiveAsync();
        await LookOnAsync("2019-02-01");
        using (service.Clock.NoonOf("2019-02-10"))
        {
            await association.LookAsync();
            await association.DoAsync(Roles.Promoter, "members", new { personId = await service.RegisterPersonAsync(), joinedOn = "2019-02-10" });
            await association.DoAsync(Roles.Promoter, "elections", association.Election("2019-02-10", firstDay: "2019-02-15"));
        }
        Assert.Equal("board-expired", association.State);
        await LookOnAsync("2019-02-14");
        Assert.Equal("board-expired", (await association.LookAsync()).Text("state"));
        await LookOnAsync("2019-02-15");
        Assert.Equal(("active", "2021-02-14"), ((await association.LookAsync()).Text("state"), association.Seen.Text("boardUntil")));
    }

    [Fact]
    public async Task A_board_that_was_elected_in_time_never_lets_the_association_expire()
    {
        var association = await service.ActiveAsync();
        using (service.Clock.NoonOf("2018-11-01"))
            await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-11-01"));
        await LookOnAsync("2019-01-20");
        Assert.Equal("active", (await association.LookAsync()).Text("state"));
        Assert.Empty(await WarningsAsync(association));
    }

    [Fact]
    public async Task Between_two_boards_there_is_none_and_the_association_says_so()
    {
        var association = await service.ActiveAsync();
        using (service.Clock.NoonOf("2018-12-12"))
            await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-12-12", firstDay: "2019-02-01"));
        await LookOnAsync("2019-01-19");
        Assert.Equal("active", (await association.LookAsync()).Text("state"));
        await LookOnAsync("2019-01-20");
        Assert.Equal("board-expired", (await association.LookAsync()).Text("state"));
        await LookOnAsync("2019-02-01");
        Assert.Equal("active", (await association.LookAsync()).Text("state"));
        await service.EverythingSaidAsync();
        Assert.Equal("2019-01-19", await service.QueryAsync<string>($"SELECT body ->> 'expiredOn' FROM published_event WHERE subject = '{association.Id}' AND type LIKE '%BoardExpired'"));
    }

    private async Task LookOnAsync(string day)
    {
        using (service.Clock.NoonOf(day))
            await service.WatchDeadlinesAsync();
    }

    private async Task<List<string>> WarningsAsync(Association association)
    {
        await service.EverythingSaidAsync();
        return await service.RowsAsync($"SELECT body ->> 'daysLeft' FROM published_event WHERE subject = '{association.Id}' AND type LIKE '%BoardExpiring' ORDER BY position");
    }
}
