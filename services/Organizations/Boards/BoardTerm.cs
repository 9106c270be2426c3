using System.Text.RegularExpressions;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.Organizations.Boards;

/// <summary>An assembly as its minutes tell it. Call and attendance are unknown of a constitution.</summary>
internal sealed record Assembly(DateOnly HeldOn, int MinutesNumber, int? Call, int? Attendees)
{
    /// <summary>Half of the members plus one; in second call, those present (the usual rule of statutes).</summary>
    public void RequireQuorum(int members)
    {
        Rule.That(Attendees <= members, "attendees_above_members", $"Ese día había {members} miembros: no pudieron asistir {Attendees}.", "/attendees");
        var quorum = members / 2 + 1;
        Rule.That(Call == 2 || Attendees >= quorum, "no_quorum",
            $"En primera convocatoria se necesitan {quorum} de {members} miembros y hubo {Attendees}. En segunda convocatoria basta con los presentes.", "/attendees");
    }
}

internal sealed record Election(Assembly Assembly, DateOnly FirstDay, bool EndsCurrentTerm, IReadOnlyList<(string Post, Person Person)> Board);

/// <summary>A holder leaves a post on a last day, and perhaps a successor takes it the day after; or one takes a post that was vacant till then.</summary>
internal sealed record Relief(string Post, DateOnly LastDay, ReliefReason Reason, Person? Successor);

internal enum ReliefReason
{
    Resignation,
    Removal,
    Death,
    LeftTheAssociation,
    Other,
}

/// <summary>A board (<em>junta directiva</em>) for its term: who holds which post from when to when.</summary>
internal sealed partial class BoardTerm
{
    private static readonly string[] Required = ["president", "secretary", "treasurer", "syndic"];

    public Guid Id { get; private init; } = Guid.CreateVersion7();
    public Guid AssociationId { get; private init; }
    public DateOnly ElectedOn { get; private init; }
    public int MinutesNumber { get; private init; }
    public int? Call { get; private init; }
    public int? Attendees { get; private init; }
    public DateOnly FirstDay { get; private init; }
    public DateOnly LastDay { get; private set; }
    public DateOnly ElectedUntil { get; private init; }
    public string? EndedBecause { get; private set; }
    public DateOnly? ReportDue { get; set; }
    public DateOnly? ReportedOn { get; set; }
    public IList<BoardSeat> Seats { get; private init; } = [];

    public static BoardTerm Elect(
        Guid association, Assembly assembly, DateOnly firstDay, BoardRules rules, IReadOnlyList<(string Post, Person Person)> elected)
    {
        Rule.That(firstDay >= assembly.HeldOn, "term_before_election", "El primer día del período es anterior a la elección.", "/firstDay");
        Rule.That(firstDay <= assembly.HeldOn.AddYears(1), "term_too_far_ahead", "El período comienza a más tardar un año después de la elección.", "/firstDay");
        Rule.That(elected.All(s => KnownPost().IsMatch(s.Post)), "post_unknown",
            "Los cargos son president, vice-president, secretary, deputy-secretary, treasurer, deputy-treasurer, syndic, member-1 a member-9 y substitute-1 a substitute-3.", "/board");
        var substitutes = elected.Count(s => IsSubstitute(s.Post));
        Rule.That(elected.Count - substitutes >= rules.BoardMinimum && elected.Count - substitutes <= rules.BoardMaximum, "board_size",
            $"La junta directiva lleva de {rules.BoardMinimum} a {rules.BoardMaximum} cargos.", "/board");
        Rule.That(substitutes <= rules.SubstitutesMaximum, "too_many_substitutes",
            rules.SubstitutesMaximum == 0 ? "Estas reglas no llevan suplentes." : $"La junta lleva hasta {rules.SubstitutesMaximum} suplentes.", "/board");
        Rule.That(elected.Select(s => s.Post).Distinct().Count() == elected.Count, "post_taken_twice", "Un cargo aparece dos veces.", "/board");
        Rule.That(elected.Select(s => s.Person.Id).Distinct().Count() == elected.Count, "person_holds_two_posts",
            "Una persona solo puede tener un cargo en la junta.", "/board");
        Rule.That(Required.All(post => elected.Any(s => s.Post == post)), "required_post_missing",
            "La junta lleva al menos presidente, secretario, tesorero y síndico.", "/board");
        var last = firstDay.AddMonths(rules.TermMonths).AddDays(-1);
        var term = new BoardTerm
        {
            AssociationId = association,
            ElectedOn = assembly.HeldOn,
            MinutesNumber = assembly.MinutesNumber,
            Call = assembly.Call,
            Attendees = assembly.Attendees,
            FirstDay = firstDay,
            LastDay = last,
            ElectedUntil = last,
        };
        foreach (var (post, person) in elected)
            term.Seats.Add(new BoardSeat { BoardTermId = term.Id, Post = post, PersonId = person.Id, FirstDay = firstDay, LastDay = last, Exclusive = rules.OneBoardPerPerson });
        return term;
    }

    /// <summary>Nobody holds the same post for more terms in a row than the rules allow.</summary>
    /// <param name="earlier">The terms before this one, the latest first.</param>
    /// <param name="rules">The rules of the day.</param>
    public void RequireReelectable(IReadOnlyList<BoardTerm> earlier, BoardRules rules)
    {
        if (rules.ConsecutiveTermsMaximum is not { } maximum)
            return;
        foreach (var seat in Seats.Where(s => !IsSubstitute(s.Post)))
        {
            var inARow = earlier.TakeWhile(t => t.Seats.Any(s => s.Post == seat.Post && s.PersonId == seat.PersonId)).Count();
            Rule.That(inARow < maximum, "reelection_limit",
                $"Una persona puede tener el mismo cargo {maximum} períodos seguidos; quien se propone para {seat.Post} ya los cumplió.", "/board");
        }
    }

    /// <summary>The association ended before the term began: nobody takes its seats.</summary>
    public void NeverBegin(string because)
    {
        (LastDay, EndedBecause) = (FirstDay, because);
        Seats.Clear();
    }

    /// <summary>The term ends earlier than it was elected for, and all its seats with it.</summary>
    public void End(DateOnly lastDay, string because)
    {
        (LastDay, EndedBecause) = (lastDay, because);
        // A seat that would have begun later was never taken.
        foreach (var never in Seats.Where(s => s.FirstDay > lastDay).ToArray())
            Seats.Remove(never);
        foreach (var seat in Seats.Where(s => s.LastDay > lastDay))
            seat.End(lastDay, because);
    }

    /// <summary>
    /// Ends a seat and fills it, or fills one that fell vacant before. A successor from this board leaves the post held so
    /// far, which falls vacant.
    /// </summary>
    /// <returns>The seats that ended, and the one that was taken.</returns>
    public (IReadOnlyList<BoardSeat> Ended, BoardSeat? Taken) Replace(Relief relief)
    {
        var held = Seats.SingleOrDefault(s => s.Post == relief.Post && s.FirstDay <= relief.LastDay && s.LastDay >= relief.LastDay);
        var isVacant = held is null && relief.Successor is not null && Seats.Any(s => s.Post == relief.Post);
        Rule.That(held is not null || isVacant, "post_not_held", "Nadie tiene ese cargo en esa fecha. Para llenar una vacante, indique quién la toma.", "/post");
        Rule.That(relief.LastDay < LastDay, "term_ends_anyway", $"El período termina el {LastDay:dd/MM/yyyy}: no hace falta un relevo.", "/lastDay");
        Rule.State(!Seats.Any(s => s.Post == relief.Post && s.FirstDay > relief.LastDay), "post_already_filled", "Ese cargo ya tiene quien lo ocupe después de esa fecha.");
        var ended = new List<BoardSeat>();
        if (held is not null)
        {
            held.End(relief.LastDay, InSpanish(relief.Reason));
            ended.Add(held);
        }
        if (relief.Successor is not { } successor)
            return (ended, null);
        Rule.That(successor.Id != held?.PersonId, "successor_is_the_holder", "Quien releva es la misma persona que deja el cargo.", "/successorId");
        var from = relief.LastDay.AddDays(1);
        if (Seats.SingleOrDefault(s => s.PersonId == successor.Id && s.FirstDay <= from && s.LastDay >= from) is { } left)
        {
            Rule.That(left.FirstDay < from, "successor_just_began", "Quien releva comenzó ese mismo día en otro cargo.", "/successorId");
            left.End(relief.LastDay, $"Pasa a {InSpanish(relief.Post)}");
            ended.Add(left);
        }
        Rule.State(!Seats.Any(s => s.PersonId == successor.Id && s.FirstDay > from), "successor_has_a_post", "Quien releva toma después otro cargo en la junta.");
        var taken = new BoardSeat { BoardTermId = Id, Post = relief.Post, PersonId = successor.Id, FirstDay = from, LastDay = LastDay, Exclusive = Seats.Any(s => s.Exclusive) };
        Seats.Add(taken);
        return (ended, taken);
    }

    public static bool IsSubstitute(string post) => post.StartsWith("substitute", StringComparison.Ordinal);

    /// <summary>A post as residents read it.</summary>
    public static string InSpanish(string post) => post switch
    {
        "president" => "Presidencia",
        "vice-president" => "Vicepresidencia",
        "secretary" => "Secretaría",
        "deputy-secretary" => "Prosecretaría",
        "treasurer" => "Tesorería",
        "deputy-treasurer" => "Protesorería",
        "syndic" => "Sindicatura",
        _ when IsSubstitute(post) => $"Suplencia {post[^1]}",
        _ => $"Vocalía {post[^1]}",
    };

    /// <summary>Where a post stands in a list of the board.</summary>
    public static int RankOf(string post) => post switch
    {
        "president" => 0,
        "vice-president" => 1,
        "secretary" => 2,
        "deputy-secretary" => 3,
        "treasurer" => 4,
        "deputy-treasurer" => 5,
        "syndic" => 6,
        _ when IsSubstitute(post) => 20 + post[^1],
        _ => 7,
    };

    private static string InSpanish(ReliefReason reason) => reason switch
    {
        ReliefReason.Resignation => "Renuncia",
        ReliefReason.Removal => "Destitución por la asamblea",
        ReliefReason.Death => "Fallecimiento",
        ReliefReason.LeftTheAssociation => "Dejó la asociación",
        _ => "Otro motivo",
    };

    [GeneratedRegex("^(president|vice-president|secretary|deputy-secretary|treasurer|deputy-treasurer|syndic|member-[1-9]|substitute-[1-3])$")]
    private static partial Regex KnownPost();
}

/// <summary>A person in a post, both days included.</summary>
internal sealed class BoardSeat
{
    public required Guid BoardTermId { get; init; }
    public required string Post { get; init; }
    public required Guid PersonId { get; set; }
    public required DateOnly FirstDay { get; init; }
    public required DateOnly LastDay { get; set; }
    /// <summary>Whether its holder may hold no post of another board meanwhile.</summary>
    public bool Exclusive { get; init; }
    public string? EndedBecause { get; private set; }

    public void End(DateOnly lastDay, string because) => (LastDay, EndedBecause) = (lastDay, because);
}
