using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>How an association ends: by its own assembly, or by the council.</summary>
internal enum TerminationWay
{
    Dissolution,
    Cancellation,
}

internal sealed class TerminationCause
{
    public required string Code { get; init; }
    public TerminationWay Way { get; init; }
    public required string Name { get; init; }
    public required string Source { get; init; }
}

/// <summary>The end of an association: who decided it, why, and what became of its goods.</summary>
internal sealed class Termination
{
    public required Guid AssociationId { get; init; }
    public TerminationWay Way { get; set; }
    public required string Cause { get; set; }
    public DateOnly DecidedOn { get; set; }
    public int? MinutesNumber { get; init; }
    public int? Attendees { get; init; }
    public int? InFavour { get; init; }
    public string? AssetsTo { get; set; }
    public int? CouncilMinutesNumber { get; set; }
    public int? CouncilAgreementNumber { get; set; }
    public DateOnly? CouncilDate { get; set; }
    public DateOnly? EndedOn { get; set; }
}

internal sealed partial class Association
{
    /// <summary>The assembly decides to dissolve, by the majority that law or statutes ask of all members.</summary>
    public Termination StartDissolution(Assembly assembly, TerminationCause cause, int inFavour, int membersOnDate, BoardRules rules, DateTimeOffset now)
    {
        Rule.State(IsAlive, "not_dissolvable", "Solo se disuelve una asociación con personería jurídica que no se esté disolviendo ya.");
        Rule.That(cause.Way == TerminationWay.Dissolution, "cause_of_another_way", "Esa causa es de cancelación por el concejo.", "/cause");
        Rule.That(assembly.HeldOn >= RecognizedOn, "dissolution_before_recognition", "La asamblea es anterior a la personería.", "/heldOn");
        assembly.RequireQuorum(membersOnDate);
        Rule.That(inFavour <= assembly.Attendees, "votes_above_attendees", "Hay más votos que asistentes.", "/inFavour");
        var needed = (membersOnDate * rules.DissolutionVotes + rules.DissolutionOf - 1) / rules.DissolutionOf;
        Rule.That(inFavour >= needed, "dissolution_majority",
            $"Para disolver se necesitan {needed} votos ({rules.DissolutionVotes} de cada {rules.DissolutionOf} miembros) y hubo {inFavour}.", "/inFavour");
        State = AssociationState.Dissolving;
        Raise(new AssociationDissolutionStarted { AssociationId = Id, Name = Name, Place = Place.ToRef(), Cause = cause.Code, DecidedOn = assembly.HeldOn }, now);
        return new Termination
        {
            AssociationId = Id, Way = TerminationWay.Dissolution, Cause = cause.Code, DecidedOn = assembly.HeldOn, MinutesNumber = assembly.MinutesNumber,
            Attendees = assembly.Attendees, InFavour = inFavour,
        };
    }

    /// <summary>Accounts settled and goods handed on, the council takes note: it ends.</summary>
    public void Dissolve(Termination termination, CouncilReference agreement, string assetsTo, IReadOnlyList<BoardTerm> boards, DateTimeOffset now)
    {
        Rule.State(State == AssociationState.Dissolving, "not_dissolving", "La asociación no está en disolución.");
        Rule.That(agreement.Date >= termination.DecidedOn, "agreement_before_assembly", "El acuerdo es anterior a la asamblea que decidió disolver.", "/agreement/date");
        End(AssociationState.Dissolved, termination, agreement, assetsTo, boards);
        Raise(new AssociationDissolved { AssociationId = Id, Name = Name, Place = Place.ToRef(), DissolvedOn = agreement.Date, Cause = termination.Cause, CouncilReference = agreement }, now);
    }

    /// <summary>The council cancels legal personality for a cause of the law.</summary>
    public Termination Cancel(Termination? begun, TerminationCause cause, CouncilReference agreement, string assetsTo, IReadOnlyList<BoardTerm> boards, DateTimeOffset now)
    {
        Rule.State(IsAlive || State == AssociationState.Dissolving, "not_cancellable", "Solo se cancela una asociación con personería jurídica.");
        Rule.That(cause.Way == TerminationWay.Cancellation, "cause_of_another_way", "Esa causa es de disolución por la asamblea.", "/cause");
        Rule.That(agreement.Date >= RecognizedOn, "cancelled_before_recognition", "El acuerdo es anterior a la personería.", "/agreement/date");
        var termination = begun ?? new Termination { AssociationId = Id, Cause = cause.Code };
        (termination.Way, termination.Cause, termination.DecidedOn) = (TerminationWay.Cancellation, cause.Code, agreement.Date);
        End(AssociationState.Cancelled, termination, agreement, assetsTo, boards);
        Raise(new AssociationCancelled { AssociationId = Id, Name = Name, Place = Place.ToRef(), CancelledOn = agreement.Date, Cause = cause.Code, CouncilReference = agreement }, now);
        return termination;
    }

    private void End(AssociationState state, Termination termination, CouncilReference agreement, string assetsTo, IReadOnlyList<BoardTerm> boards)
    {
        (State, EndedOn) = (state, agreement.Date);
        termination.AssetsTo = assetsTo;
        termination.EndedOn = agreement.Date;
        (termination.CouncilMinutesNumber, termination.CouncilAgreementNumber, termination.CouncilDate) =
            (agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date);
        foreach (var board in boards.Where(b => b.LastDay > agreement.Date))
        {
            if (board.FirstDay > agreement.Date)
                board.NeverBegin("Fin de la asociación");
            else
                board.End(agreement.Date, "Fin de la asociación");
        }
        if (boards.FirstOrDefault(b => b.FirstDay <= agreement.Date) is { } last)
            (BoardFrom, BoardUntil) = (last.FirstDay, last.LastDay);
    }
}
