using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Results;
using Outcome = ProyeccionSocial.ParticipatoryBudget.Results.Outcome;

namespace ProyeccionSocial.ParticipatoryBudget.Tests;

/// <summary>Who wins: by points, and by equal shares.</summary>
public sealed class ResultTests
{
    private static readonly ResultRules Plain = new([], "2026-11-15/04217");

    // By points.

    [Fact]
    public void What_can_no_longer_be_paid_is_skipped_and_the_walk_goes_on()
    {
        var outcome = Greedy.Decide([Told("a", 60, 9), Told("b", 50, 8), Told("c", 40, 7), Told("d", 1, 0)], 100, Plain);
        Assert.Equal(["a Wins 40", "b TooExpensive 40", "c Wins 0", "d BelowMinimum 0"], Said(outcome));
        Assert.Empty(outcome.DecidedByTie);
    }

    [Fact]
    public void Limits_and_what_cannot_be_done_together_are_kept()
    {
        Tally[] tallies = [Told("a", 10, 9), Told("b", 10, 8, "a"), Told("c", 10, 7), Told("d", 10, 6), Told("e", 10, 2)];
        Assert.Equal(["a Wins 90", "b Incompatible 90", "c Wins 80", "d Wins 70", "e BelowMinimum 70"], Said(Greedy.Decide(tallies, 100, Plain with { MinimumPoints = 3 })));
        Assert.Equal(["a Wins 90", "b Incompatible 90", "c Wins 80", "d LimitReached 80", "e LimitReached 80"], Said(Greedy.Decide(tallies, 100, Plain with { MostProjects = 2 })));
    }

    [Fact]
    public void A_tie_is_broken_as_declared_and_said()
    {
        Tally[] tallies = [Told("a", 60, 9), Told("b", 50, 9) with { Ballots = 20 }, Told("c", 50, 9)];
        Assert.Equal(["b", "c", "a"], Greedy.Decide(tallies, 60, Plain with { TieBreaks = [TieBreak.LowerCost, TieBreak.MoreBallots] }).Lines.Select(l => l.Tally.Candidate.Id));
        Assert.Equal(["b"], Greedy.Decide(tallies, 60, Plain with { TieBreaks = [TieBreak.MoreBallots] }).Winners.Select(w => w.Id));
        var drawn = Greedy.Decide(tallies, 60, Plain);
        Assert.Equal(["a", "b", "c"], Assert.Single(drawn.DecidedByTie).Order());
        // Anybody can draw it: printf '2026-11-15/04217\na' | sha256sum
        Assert.Equal(["c", "a", "b"], drawn.Lines.Select(l => l.Tally.Candidate.Id));
        Assert.StartsWith("4590c58c", Plain.LotOf("a"), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_voted_the_money_suffices_nobody_is_forgotten_and_the_order_of_the_rows_does_not_matter() => Prop.ForAll(Elections, election =>
    {
        var outcome = Greedy.Decide(election.Tally(), election.Money, Plain);
        var again = Greedy.Decide(election.Tally().Reverse(), election.Money, Plain);
        var order = outcome.Lines.Select(l => l.Tally.Points).ToArray();
        return outcome.Spent <= election.Money && outcome.Lines.Count == election.Candidates.Count && Said(outcome).SequenceEqual(Said(again)) && order.SequenceEqual(order.OrderDescending())
            && outcome.Lines.All(l => l.Verdict != Verdict.TooExpensive || l.Tally.Candidate.Cost > l.Left);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_the_rules_are_they_are_kept_and_a_tie_is_said_only_where_it_decided() => Prop.ForAll(Elections, ElectionRules, (election, rules) =>
    {
        // Some of them cannot be done together.
        var candidates = election.Candidates.Index().Select(c => c.Item with { Excludes = c.Index % 3 == 1 ? [election.Candidates[c.Index - 1].Id] : [] }).ToArray();
        var tallies = (election with { Candidates = candidates }).Tally();
        var outcome = Greedy.Decide(tallies, election.Money, rules);
        var winners = outcome.Lines.Where(l => l.Verdict == Verdict.Wins).ToList();
        // Another order of those that are equal: with another seed, and the other way round.
        var others = new[] { "1", "2", "3" }.Select(seed => Greedy.Decide(tallies, election.Money, rules with { Seed = seed, TieBreaks = [] }).Winners.Select(w => w.Id).ToHashSet());
        return outcome.Spent <= election.Money && winners.Count <= (rules.MostProjects ?? int.MaxValue) && winners.TrueForAll(w => w.Tally.Points >= rules.MinimumPoints)
            && winners.TrueForAll(w => !Greedy.IsExcluded(w.Tally.Candidate, winners))
            && (outcome.DecidedByTie.Count > 0 || others.All(o => o.SetEquals(outcome.Winners.Select(w => w.Id))));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tie_that_could_not_decide_anything_is_not_said()
    {
        // 50 are left for two with the same points; one of them never fits.
        var outcome = Greedy.Decide([Told("a", 50, 9), Told("b", 40, 5), Told("c", 60, 5)], 100, Plain);
        Assert.Equal(["a", "b"], outcome.Winners.Select(w => w.Id));
        Assert.Empty(outcome.DecidedByTie);
    }

    // By equal shares.

    [Fact]
    public void A_worked_case_of_two_groups()
    {
        // Ten voters, 100: each has 10. Six want a, b and c, which cost 30 each; four want d, which costs 40. By points alone
        // a, b and c win and the four get nothing. By equal shares the six buy two (60 of theirs), the four buy d.
        var election = Approvals(100, [("a", 30), ("b", 30), ("c", 30), ("d", 40)], (6, "abc"), (4, "d"));
        Assert.Equal(["a", "b", "c"], Greedy.Decide(election.Tally(), 100, Plain).Winners.Select(w => w.Id).Order());
        var shared = EqualShares.Decide(election, Plain, Satisfaction.Cost, 0);
        Assert.Equal(3, shared.Winners.Count());
        Assert.Contains("d", shared.Winners.Select(w => w.Id));
        Assert.Equal(100, shared.Spent);
    }

    [Fact]
    public void Supporters_pay_in_proportion_until_their_money_ends()
    {
        // Three voters, 30 each. All want a (30: 10 each, 20 left). Two want b (24: 12 each, 8 left). Then c (29), wanted by
        // one of those two and by the third: they have 8 and 20, one dollar short.
        var election = Approvals(90, [("a", 30), ("b", 24), ("c", 29)], (1, "ab"), (1, "abc"), (1, "ac"));
        Assert.Equal(["a Wins 60", "b Wins 36", "c NotSupported 36"], Said(EqualShares.Decide(election, Plain, Satisfaction.Points, 0)));
        // With half a dollar more for everybody it is bought.
        Assert.Equal(["a Wins 60", "b Wins 36", "c Wins 7"], Said(EqualShares.Decide(election, Plain, Satisfaction.Points, 0.5m)));
    }

    [Fact]
    public void What_it_is_worth_may_be_its_points_or_its_cost()
    {
        // Ten voters, 10 each. Ten want the dear one (60: a unit of satisfaction costs 6 by points, 0.1 by dollar), eight of
        // them the cheap one (16: 2 by points, 0.125 by dollar). Both orders leave enough for both; the walk differs.
        var election = Approvals(100, [("d", 60), ("c", 16)], (8, "dc"), (2, "d"));
        Assert.Equal(["c Wins 84", "d Wins 24"], Said(EqualShares.Decide(election, Plain, Satisfaction.Points, 0)));
        Assert.Equal(["d Wins 40", "c Wins 24"], Said(EqualShares.Decide(election, Plain, Satisfaction.Cost, 0)));
    }

    [Fact]
    public void Of_two_at_the_same_price_the_declared_rule_says_which_goes_first()
    {
        // Ten voters, 10 each, four of them blank. Six want a (60), four of those also b (40): ten from each of its supporters
        // either way, and those four can pay only one of the two. More voters want a; b costs less.
        var election = Approvals(100, [("a", 60), ("b", 40)], (4, "ab"), (2, "a"), (4, ""));
        foreach (var (rule, wins) in new[] { (TieBreak.LowerCost, "b"), (TieBreak.MoreBallots, "a") })
        {
            var outcome = EqualShares.Decide(election, Plain with { TieBreaks = [rule] }, Satisfaction.Points, 0);
            Assert.Equal([wins], outcome.Winners.Select(w => w.Id));
            Assert.Equal(["a", "b"], Assert.Single(outcome.DecidedByTie).Order());
        }
    }

    [Fact]
    public void What_costs_nothing_is_taken_and_numbers_beyond_all_measure_are_refused()
    {
        foreach (var worth in Enum.GetValues<Satisfaction>())
            Assert.Equal(["a Wins 10", "b Wins 0"], Said(EqualShares.Decide(Approvals(10, [("a", 0), ("b", 10)], (2, "ab")), Plain, worth, 1)));
        Assert.Contains("que se pueda contar", Assert.Throws<FormatException>(() => Pabulib.Read(Encoding.UTF8.GetBytes(
            "META\nkey;value\nbudget;10\nvote_type;cumulative\nPROJECTS\nproject_id;cost\na;1\nVOTES\nvoter_id;vote;points\n1;a;50000000000000000000000000000"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_voted_and_nothing_is_bought() =>
        Assert.Equal(["a BelowMinimum 10"], Said(EqualShares.Decide(new(BallotStyle.Approval, 10, [new("a", "A", 5)], []), Plain, Satisfaction.Cost, 1)));

    /// <summary>
    /// No group is left without whose share of the money pays for what all of them want: the property for which the
    /// method was made. Also exactly at the border, where a share is no finite decimal.
    /// </summary>
    [Fact]
    public void A_group_with_enough_money_for_what_it_agrees_on_is_not_left_without() => Prop.ForAll(Elections, election =>
    {
        var bought = EqualShares.Decide(election, Plain, Satisfaction.Points, 0).Winners.Select(w => w.Id).ToHashSet();
        return election.Candidates.Select((c, i) => (c, i)).All(p =>
        {
            // Those who want it and got nothing at all still have their whole share.
            var without = election.Ballots.Where(b => b.Marks.Any(m => m.Candidate == p.i) && b.Marks.All(m => !bought.Contains(election.Candidates[m.Candidate].Id))).Sum(b => b.Count);
            return without * election.Money < p.c.Cost * election.Voters || without == 0;
        });
    }).QuickCheckThrowOnFailure();

    /// <summary>
    /// The axiom by which the method is known (extended justified representation): of any group that agrees on several
    /// projects which its share of the money pays for, somebody gets as much as those projects would give, up to one project
    /// where satisfaction is counted in money. For every set of projects, and every group within those who want all of them.
    /// </summary>
    [Fact]
    public void Of_a_group_that_agrees_on_several_projects_somebody_gets_as_much_as_it_can_pay_for() => Prop.ForAll(Elections, election =>
    {
        foreach (var worth in Enum.GetValues<Satisfaction>())
        {
            var bought = EqualShares.Decide(election, Plain, worth, 0).Winners.Select(w => w.Id).ToHashSet();
            decimal Worth(IEnumerable<int> projects) => projects.Sum(p => worth == Satisfaction.Cost ? election.Candidates[p].Cost : 1);
            for (var agreed = 1; agreed < 1 << election.Candidates.Count; agreed++)
            {
                var projects = Enumerable.Range(0, election.Candidates.Count).Where(p => (agreed >> p & 1) == 1).ToArray();
                // Those who want all of them and got less, even with one more of them.
                var left = election.Ballots.Where(b => projects.All(p => b.Marks.Any(m => m.Candidate == p))).Where(b =>
                {
                    var got = b.Marks.Select(m => m.Candidate).Where(c => bought.Contains(election.Candidates[c].Id)).ToArray();
                    return Worth(got) < Worth(projects) && projects.Where(p => !got.Contains(p)).All(p => Worth(got.Append(p)) <= Worth(projects));
                }).Sum(b => b.Count);
                if (left > 0 && left * election.Money >= projects.Sum(p => election.Candidates[p].Cost) * election.Voters)
                    return false;
            }
        }
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Equal_shares_never_spend_more_than_there_is_and_are_the_same_every_time() => Prop.ForAll(Elections, election =>
    {
        var outcome = EqualShares.Decide(election, Plain, Satisfaction.Cost, 5);
        var mixed = election with { Ballots = [.. election.Ballots.Reverse()] };
        return outcome.Spent <= election.Money && outcome.Lines.Count == election.Candidates.Count && Said(outcome).SequenceEqual(Said(EqualShares.Decide(mixed, Plain, Satisfaction.Cost, 5)));
    }).QuickCheckThrowOnFailure();

    // Files.

    [Fact]
    public void A_file_is_read_with_quotes_marks_and_lines_in_names()
    {
        var file = Pabulib.Read([.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(
            "META\r\nkey;value\r\ndescription;\"Prueba; con punto y coma\"\r\nbudget;100.50\r\nvote_type;approval\r\nmax_length;2\r\nPROJECTS\r\nproject_id;cost;votes;name;selected\r\n"
            + "a;60;2;\"\"\"Parque\"\" de la zona;\r\nnorte\";1\r\nb-1/2;50;1;Cancha;0\r\nVOTES\r\nvoter_id;vote\r\n1;a,b-1/2\r\n2;\"a\"\r\n3;\r\n4;a,a,otra\r\n")]);
        Assert.Equal(("Prueba; con punto y coma", 100.50m, BallotStyle.Approval, 4), (file.Meta["description"], file.Election.Money, file.Election.Style, file.Election.Voters));
        Assert.Equal("\"Parque\" de la zona;\r\nnorte", file.Election.Candidates[0].Name);
        Assert.Equal([3m, 1m], file.Election.Tally().Select(t => t.Points));
        Assert.Equal(["a"], file.Selected!);
        Assert.Empty(file.Notes);
    }

    [Theory]
    [InlineData("cumulative", "points", "1;a,b;2,1\n2;b;3", "2 4")]
    [InlineData("ordinal", "x", "1;a,b;\n2;b;", "3 5")]
    [InlineData("ordinal", "points", "1;a,b;9,1\n2;b;4", "9 5")]
    [InlineData("scoring", "points", "1;a,b;-3,5\n2;a;1", "-2 5")]
    [InlineData("choose-1", "x", "1;a;\n2;b;", "1 1")]
    public void Points_are_what_the_style_makes_of_a_ballot(string style, string column, string votes, string points)
    {
        var file = Pabulib.Read(Encoding.UTF8.GetBytes($"META\nkey;value\nbudget;10\nvote_type;{style}\nmax_length;3\nPROJECTS\nproject_id;cost\na;1\nb;1\nVOTES\nvoter_id;vote;{column}\n{votes}\n"));
        Assert.Equal(points, string.Join(' ', file.Election.Tally().Select(t => $"{t.Points:0.##}")));
        Assert.Null(file.Selected);
    }

    [Theory]
    [InlineData("", "no tiene proyectos")]
    [InlineData("x;y\n1;2\n", "Línea 2: el archivo comienza con META")]
    [InlineData("META\nkey;value\nbudget;10\nvote_type;approval\nPROJECTS\nproject_id;cost\na;mucho\n", "Línea 7")]
    [InlineData("META\nkey;value\nbudget;10\nvote_type;approval\nPROJECTS\nproject_id;cost\na;1\nVOTES\nvoter_id;voto\n1;a\n", "la columna vote")]
    [InlineData("META\nkey;value\nbudget;10\nvote_type;approval\nPROJECTS\nproject_id;cost;name\na;1;\"sin cierre\nVOTES\nvoter_id;vote\n1;a\n", "la comilla de cierre")]
    [InlineData("META\nkey;value\nbudget;10\nvote_type;cumulative\nPROJECTS\nproject_id;cost\na;1\nVOTES\nvoter_id;vote;points\n1;a;-2\n", "cero o más")]
    [InlineData("META\nkey;value\nbudget;10\nvote_type;approval\nPROJECTS\nproject_id;cost\na;1\na;2\n", "aparece dos veces")]
    [InlineData("META\nkey;value\nvote_type;approval\nPROJECTS\nproject_id;cost\na;1\n", "META no dice budget")]
    [InlineData("META\nkey;value\nbudget;10\nvote_type;veto\nPROJECTS\nproject_id;cost\na;1\n", "«veto»")]
    [InlineData("META\nkey;value\nbudget;10\nvote_type;cumulative\nPROJECTS\nproject_id;cost\na;1\nVOTES\nvoter_id;vote;points\n1;a;\n", "no dice los puntos")]
    public void What_is_no_election_says_why(string file, string says) =>
        Assert.Contains(says, Assert.Throws<FormatException>(() => Pabulib.Read(Encoding.UTF8.GetBytes(file))).Message, StringComparison.Ordinal);

    [Fact]
    public void Rules_have_the_names_of_the_format_and_a_file_that_contradicts_itself_is_told_so()
    {
        var rules = new CycleRules(BallotStyle.Approval, DecisionMethod.EqualShares, "x", 2);
        Assert.Equal(["greedy", "equalshares/add1", "equalshares/add0.5/points"], new[] { rules with { Method = DecisionMethod.Greedy }, rules, rules with { Increment = 0.50m, Satisfaction = Satisfaction.Points } }.Select(Pabulib.NameOf));
        Assert.Equal((DecisionMethod.Greedy, 0m), Pabulib.RuleOf("greedy"));
        Assert.Equal((DecisionMethod.EqualShares, 0.5m), Pabulib.RuleOf("equalshares/add0.5/points"));
        Assert.Null(Pabulib.RuleOf("equalshares/add-1").Method);
        Assert.Equal((DecisionMethod.EqualShares, 0m), Pabulib.RuleOf("equalshares"));
        Assert.Null(Pabulib.RuleOf("unknown").Method);
        var file = Pabulib.Read(Encoding.UTF8.GetBytes("META\nkey;value\nbudget;10\nvote_type;approval\nnum_votes;3\nnum_projects;1\nPROJECTS\nproject_id;cost\na;1\nVOTES\nvoter_id;vote\n1;a\n2;a\n"));
        Assert.Equal(["El archivo dice 3 papeletas y tiene 2."], file.Notes);
    }

    /// <summary>A file of ours decides as the election that it was written from, whatever its ballots look like and whichever rule decides.</summary>
    [Theory]
    [InlineData(BallotStyle.Knapsack)]
    [InlineData(BallotStyle.Approval)]
    [InlineData(BallotStyle.Cumulative)]
    [InlineData(BallotStyle.Ranked)]
    public async Task What_is_written_is_decided_alike_when_it_is_read(object style)
    {
        var random = new Random(7);
        var candidates = Enumerable.Range(1, 9).Select(n => new Candidate($"{n}", $"Obra {n}; \"así\"", random.Next(500, 4_000) / 100m)).ToArray();
        var ballots = Enumerable.Range(0, 60).Select(_ =>
        {
            var named = Enumerable.Range(0, 9).OrderBy(_ => random.Next()).Take(random.Next(0, 5)).ToArray();
            return new Ballot([.. named.Select((c, i) => new Mark(c, (BallotStyle)style switch { BallotStyle.Cumulative => random.Next(1, 9), BallotStyle.Ranked => 5 - i, _ => 1 }))], random.Next(1, 4));
        }).ToArray();
        var election = new Election((BallotStyle)style, 90, candidates, ballots);
        await using var text = new StringWriter();
        await Pabulib.WriteAsync(
            text, [("budget", "90.00"), ("vote_type", (BallotStyle)style switch { BallotStyle.Cumulative => "cumulative", BallotStyle.Ranked => "ordinal", _ => "approval" }), ("max_length", "5"), .. (BallotStyle)style == BallotStyle.Knapsack ? new[] { ("max_sum_cost", "90.00") } : []],
            election, new HashSet<string>(), TestContext.Current.CancellationToken);
        var read = Pabulib.Read(Encoding.UTF8.GetBytes(text.ToString()));
        Assert.Equal(((BallotStyle)style, election.Voters), (read.Election.Style, read.Election.Voters));
        Assert.Equal(Said(Greedy.Decide(election.Tally(), 90, Plain)), Said(Greedy.Decide(read.Election.Tally(), read.Election.Money, Plain)));
        foreach (var worth in Enum.GetValues<Satisfaction>())
            Assert.Equal(Said(EqualShares.Decide(election, Plain, worth, 0.5m)), Said(EqualShares.Decide(read.Election, Plain, worth, 0.5m)));
    }

    [Fact]
    public void Ninety_thousand_ballots_are_read()
    {
        var text = new StringBuilder("META\nkey;value\nbudget;500000\nvote_type;approval\nPROJECTS\nproject_id;cost\n");
        for (var i = 0; i < 100; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"p{i};{10_000 + i}\n");
        text.Append("VOTES\nvoter_id;age;sex;voting_method;vote\n");
        for (var i = 0; i < 90_000; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i};30;F;internet;p{i % 100},p{i * 7 % 100},p{i * 13 % 100}\n");
        Assert.Equal(90_000, Pabulib.Read(Encoding.UTF8.GetBytes(text.ToString())).Election.Voters);
    }

    private static readonly Arbitrary<ResultRules> ElectionRules = (
        from least in Gen.Choose(0, 4)
        from most in Gen.Choose(0, 4)
        from breaks in Gen.Elements<TieBreak[]>([], [TieBreak.LowerCost], [TieBreak.MoreBallots, TieBreak.LowerCost])
        select Plain with { MinimumPoints = least, MostProjects = most == 0 ? null : most, TieBreaks = breaks }).ToArbitrary();

    private static readonly Arbitrary<Election> Elections = (
        from money in Gen.Choose(1, 300)
        from costs in Gen.Choose(1, 120).NonEmptyListOf()
        from ballots in Gen.Choose(0, 63).ListOf()
        select new Election(
            BallotStyle.Approval, money, [.. costs.Take(6).Select((c, i) => new Candidate($"p{i}", "", c))],
            [.. ballots.Select(b => new Ballot([.. Enumerable.Range(0, Math.Min(6, costs.Count)).Where(i => (b >> i & 1) == 1).Select(i => new Mark(i, 1))]))])).ToArbitrary();

    private static Election Approvals(decimal money, (string Id, decimal Cost)[] candidates, params (int Count, string Ids)[] ballots)
    {
        var ids = candidates.Select(c => c.Id).ToArray();
        return new(
            BallotStyle.Approval, money, [.. candidates.Select(c => new Candidate(c.Id, c.Id, c.Cost))],
            [.. ballots.Where(b => b.Count > 0).Select(b => new Ballot([.. ids.Select((id, i) => (id, i)).Where(p => p.id.Length == 1 ? b.Ids.Contains(p.id, StringComparison.Ordinal) : b.Ids == p.id).Select(p => new Mark(p.i, 1))], b.Count))]);
    }

    private static Tally Told(string id, decimal cost, decimal points, params string[] excludes) => new(new(id, id, cost, excludes), points, (int)points);

    private static string[] Said(Outcome outcome) => [.. outcome.Lines.Select(l => $"{l.Tally.Candidate.Id} {l.Verdict} {l.Left:0.##}")];
}
