using System.Globalization;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>"Who were the members and who held which post on date X", against a replay of what happened, day by day.</summary>
public sealed class AsOfTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    private static readonly DateOnly Constituted = new(2017, 1, 20);
    private static readonly string[] Posts = ["president", "secretary", "treasurer", "syndic", "member-1"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_day_is_answered_as_a_replay_of_the_history_has_it(int seed)
    {
        var random = new Random(seed);
        var association = await service.ActiveAsync(own: 25);
        var history = new History();
        foreach (var member in association.Members)
            history.Joined(member, new(2017, 1, 10));
        foreach (var (post, person) in association.Board())
            history.Took(post, person, Constituted, new(2019, 1, 19));

        var day = new DateOnly(2017, 3, 7);
        for (var i = 0; i < 45; i++)
        {
            day = day.AddDays(random.Next(1, 45));
            await ActAsync(association, history, random, day);
        }
        Assert.True(history.Acts > 60, $"Only {history.Acts} things happened.");

        foreach (var asked in Enumerable.Range(0, 60).Select(_ => new DateOnly(2017, 1, 1).AddDays(random.Next(0, day.DayNumber - new DateOnly(2017, 1, 1).DayNumber + 200))).Append(Constituted).Append(day))
        {
            var on = asked.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var (members, holders) = history.ReplayTo(asked);
            var answered = (await service.GetAsync(Roles.Auditor, $"/associations/{association.Id}/members?on={on}&limit=200").JsonAsync())["items"]!.AsArray();
            Assert.Equal(members.Order(), answered.Select(m => Guid.Parse(m!.Text("personId"))).Order());
            using var board = await service.GetAsync(Roles.Auditor, $"/associations/{association.Id}/board?on={on}");
            var seats = board.IsSuccessStatusCode
                ? (await Task.FromResult(board).JsonAsync())["seats"]!.AsArray().Select(s => $"{s!.Text("post")} {s!.Text("personId")}") : [];
            Assert.Equal(holders.Select(h => $"{h.Key} {h.Value}").Order(StringComparer.Ordinal), seats.Order(StringComparer.Ordinal));
        }
    }

    private async Task ActAsync(Association association, History history, Random random, DateOnly day)
    {
        var on = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var (members, holders) = history.ReplayTo(day);
        var free = members.Except(holders.Values).Where(m => history.EndOf(m) is null).ToArray();
        switch (random.Next(4))
        {
            case 0: // Somebody joins, perhaps again.
                var gone = history.Everybody.Where(p => history.EndOf(p) < day).ToArray();
                var joins = gone.Length > 0 && random.Next(2) == 0 ? gone[random.Next(gone.Length)] : await service.RegisterPersonAsync();
                await association.DoAsync(Roles.Promoter, "members", new { personId = joins, joinedOn = on });
                history.Joined(joins, day);
                break;
            case 1 when free.Length > 15: // Somebody leaves, perhaps on a day ahead.
                var leaves = free[random.Next(free.Length)];
                var last = day.AddDays(random.Next(0, 60));
                if (history.LastDayInAPost(leaves) > last)
                    break;
                await association.DoAsync(Roles.Promoter, $"members/{leaves}/departure", new { leftOn = last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) });
                history.Left(leaves, last);
                break;
            case 2 when holders.Count > 0 && history.TermEnd > day && free.Length > 0: // A post changes hands, or falls vacant.
                var post = holders.Keys.ElementAt(random.Next(holders.Count));
                var successor = random.Next(3) == 0 ? (Guid?)null : free[random.Next(free.Length)];
                await association.DoAsync(Roles.Promoter, "board/reliefs", new { post, lastDay = on, reason = "resignation", successorId = successor });
                history.GaveUp(post, holders[post], day);
                if (successor is { } takes)
                    history.Took(post, takes, day.AddDays(1), history.TermEnd);
                break;
            case 3 when free.Length >= 5: // An assembly elects, now and then before the term is over.
                var ends = history.TermEnd >= day;
                if (ends && random.Next(4) > 0)
                    break;
                var elected = free.OrderBy(_ => random.Next()).Take(5).ToArray();
                await association.DoAsync(Roles.Promoter, "elections", association.Election(on, call: 2, attendees: 5, board: Posts.Zip(elected), endsCurrent: ends));
                if (ends)
                    history.Ended(day.AddDays(-1));
                foreach (var (taken, person) in Posts.Zip(elected))
                    history.Took(taken, person, day, day.AddMonths(24).AddDays(-1));
                break;
        }
    }

    /// <summary>A log of what happened on which day: the morning begins things, the evening ends them.</summary>
    private sealed class History
    {
        private readonly List<(DateOnly Day, bool IsEvening, Guid Person, string? Post)> _log = [];

        public int Acts => _log.Count;

        public DateOnly TermEnd { get; private set; }

        public IEnumerable<Guid> Everybody => _log.Select(e => e.Person).Distinct();

        public void Joined(Guid person, DateOnly day) => _log.Add((day, false, person, null));

        public void Left(Guid person, DateOnly day) => _log.Add((day, true, person, null));

        public void Took(string post, Guid person, DateOnly day, DateOnly last)
        {
            _log.Add((day, false, person, post));
            _log.Add((last, true, person, post));
            TermEnd = last;
        }

        public void GaveUp(string post, Guid person, DateOnly day)
        {
            _log.RemoveAll(e => e.IsEvening && e.Post == post && e.Person == person && e.Day > day);
            _log.Add((day, true, person, post));
        }

        /// <summary>A term is cut short: what was to end later ends now, and what was to begin later never does.</summary>
        public void Ended(DateOnly day)
        {
            foreach (var entry in _log.Where(e => e.Post is not null && e.Day > day).ToArray())
            {
                _log.Remove(entry);
                if (entry.IsEvening && _log.Exists(e => !e.IsEvening && e.Post == entry.Post && e.Person == entry.Person && e.Day <= day))
                    _log.Add(entry with { Day = day });
            }
        }

        public DateOnly? EndOf(Guid person)
        {
            var last = _log.Where(e => e.Person == person && e.Post is null).OrderBy(e => e.Day).ThenBy(e => e.IsEvening).LastOrDefault();
            return last.IsEvening ? last.Day : null;
        }

        public DateOnly LastDayInAPost(Guid person) =>
            _log.Where(e => e.Person == person && e.Post is not null && e.IsEvening).Select(e => e.Day).DefaultIfEmpty().Max();

        public (HashSet<Guid> Members, Dictionary<string, Guid> Holders) ReplayTo(DateOnly day)
        {
            var members = new HashSet<Guid>();
            var holders = new Dictionary<string, Guid>(StringComparer.Ordinal);
            foreach (var (_, isEvening, person, post) in _log.OrderBy(e => e.Day).ThenBy(e => e.IsEvening).Where(e => e.Day < day || (e.Day == day && !e.IsEvening)))
            {
                switch (isEvening, post)
                {
                    case (false, null):
                        members.Add(person);
                        break;
                    case (true, null):
                        members.Remove(person);
                        break;
                    case (false, { } taken):
                        holders[taken] = person;
                        break;
                    case (true, { } left):
                        if (holders.GetValueOrDefault(left) == person)
                            holders.Remove(left);
                        break;
                }
            }
            return (members, holders);
        }
    }
}
