using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Minutes;

internal enum AgreementState
{
    Pending,
    InProgress,
    Overdue,
    Fulfilled,
}

/// <summary>What a meeting agreed, who does it and until when.</summary>
internal sealed class Agreement
{
    public required Guid MeetingId { get; init; }
    public required int Number { get; init; }
    public required string Text { get; init; }
    public required string Responsible { get; init; }
    public Guid? ResponsibleId { get; init; }
    public required DateOnly DueOn { get; init; }
    public AgreementState State { get; private set; }
    public DateOnly? FulfilledOn { get; private set; }
    public DateOnly? OverdueOn { get; private set; }
    public DateOnly? EscalatedOn { get; private set; }

    public void Begin()
    {
        Rule.State(State == AgreementState.Pending, "agreement_not_pending", "El acuerdo ya se comenzó, se venció o se cumplió.");
        State = AgreementState.InProgress;
    }

    public void Fulfil(DateOnly on, DateOnly heldOn)
    {
        Rule.State(State != AgreementState.Fulfilled, "agreement_fulfilled", "El acuerdo ya se cumplió.");
        Rule.That(on >= heldOn, "fulfilled_before_meeting", $"La reunión fue el {heldOn.Day()}: no pudo cumplirse antes.", "/on");
        (State, FulfilledOn) = (AgreementState.Fulfilled, on);
    }

    /// <summary>Its last day has passed; after some days more it goes to the head of the unit. False when nothing comes of the day.</summary>
    public bool Pass(DateOnly today, int escalateAfterDays)
    {
        if (State == AgreementState.Fulfilled || today <= DueOn)
            return false;
        var changed = false;
        if (State != AgreementState.Overdue)
            (State, OverdueOn, changed) = (AgreementState.Overdue, today, true);
        if (EscalatedOn is null && today > DueOn.AddDays(escalateAfterDays))
            (EscalatedOn, changed) = (today, true);
        return changed;
    }
}

/// <summary>A word on an agreement's way.</summary>
internal sealed class AgreementNote
{
    public required Guid MeetingId { get; init; }
    public required int Number { get; init; }
    public required DateTimeOffset NotedAt { get; init; }
    public required AgreementState State { get; init; }
    public required string Note { get; init; }
    public required string NotedBy { get; init; }
}
