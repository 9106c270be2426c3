using System.Text.RegularExpressions;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>A board (<em>junta directiva</em>) for its term: who holds which post from when to when.</summary>
internal sealed partial class BoardTerm
{
    private static readonly string[] Required = ["president", "secretary", "treasurer", "syndic"];

    public Guid Id { get; private init; } = Guid.CreateVersion7();
    public Guid AssociationId { get; private init; }
    public DateOnly ElectedOn { get; private init; }
    public DateOnly FirstDay { get; private init; }
    public DateOnly LastDay { get; private init; }
    public IList<BoardSeat> Seats { get; private init; } = [];

    public static BoardTerm Elect(
        Guid association, DateOnly electedOn, DateOnly firstDay, Ruleset ruleset, IReadOnlyList<(string Post, Person Person)> elected)
    {
        Rule.That(elected.Count >= ruleset.BoardMinimum && elected.Count <= ruleset.BoardMaximum, "board_size",
            $"La junta directiva lleva de {ruleset.BoardMinimum} a {ruleset.BoardMaximum} cargos.", "/board");
        Rule.That(elected.All(s => KnownPost().IsMatch(s.Post)), "post_unknown",
            "Los cargos son president, vice-president, secretary, deputy-secretary, treasurer, deputy-treasurer, syndic y member-1 a member-9.", "/board");
        Rule.That(elected.Select(s => s.Post).Distinct().Count() == elected.Count, "post_taken_twice", "Un cargo aparece dos veces.", "/board");
        Rule.That(elected.Select(s => s.Person.Id).Distinct().Count() == elected.Count, "person_holds_two_posts",
            "Una persona solo puede tener un cargo en la junta.", "/board");
        Rule.That(Required.All(post => elected.Any(s => s.Post == post)), "required_post_missing",
            "La junta lleva al menos presidente, secretario, tesorero y síndico.", "/board");
        var term = new BoardTerm
        {
            AssociationId = association,
            ElectedOn = electedOn,
            FirstDay = firstDay,
            LastDay = firstDay.AddMonths(ruleset.BoardTermMonths).AddDays(-1),
        };
        foreach (var (post, person) in elected)
            term.Seats.Add(new BoardSeat { BoardTermId = term.Id, Post = post, PersonId = person.Id });
        return term;
    }

    [GeneratedRegex("^(president|vice-president|secretary|deputy-secretary|treasurer|deputy-treasurer|syndic|member-[1-9])$")]
    private static partial Regex KnownPost();
}

internal sealed class BoardSeat
{
    public required Guid BoardTermId { get; init; }
    public required string Post { get; init; }
    public required Guid PersonId { get; init; }
}
