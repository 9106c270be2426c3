using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.InformationRequests;

internal enum InformationRequestState
{
    Received,
    Answered,

    /// <summary>It asked for nothing: an advertisement, an insult.</summary>
    Dismissed,
}

internal enum AnswerOutcome
{
    Given,
    PartlyGiven,
    Reserved,
    NotHeld,
    Referred,
}

/// <summary>How long an answer may take; data, because the law changes.</summary>
/// <param name="AnswerDue">Last day.</param>
/// <param name="WarnFrom">From this day on the unit is warned.</param>
internal sealed record AnswerTime(DateOnly AnswerDue, DateOnly WarnFrom);

/// <summary>
/// A resident asks for information. Nobody is asked who they are: whoever has the code reads the answer. Question and answer are
/// published in a public version that a person has looked through.
/// </summary>
internal sealed class InformationRequest : Aggregate
{
    private InformationRequest()
    {
    }

    public int Year { get; private init; }
    public int Number { get; private init; }

    /// <summary>The tracking code: whoever has it reads what was asked and answered.</summary>
    public string Code { get; private init; } = "";
    public string Question { get; private init; } = "";
    public DateTimeOffset ReceivedAt { get; private init; }
    public DateOnly AnswerDue { get; private init; }
    public DateOnly WarnFrom { get; private init; }
    public InformationRequestState State { get; private set; }
    public AnswerOutcome? Outcome { get; private set; }
    public string? Answer { get; private set; }
    public string? PublicQuestion { get; private set; }
    public string? PublicAnswer { get; private set; }
    public string? DecidedBy { get; private set; }
    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>As <c>SI-2027-14</c>.</summary>
    public string Name => $"SI-{Year}-{Number}";

    public static InformationRequest Receive(int number, string question, AnswerTime time, DateTimeOffset now)
    {
        var received = new InformationRequest
        {
            Year = now.LocalDate().Year, Number = number, Code = Codes.New(12), Question = question, ReceivedAt = now, AnswerDue = time.AnswerDue, WarnFrom = time.WarnFrom,
        };
        received.Raise(new InformationRequestReceived { InformationRequestId = received.Id, Number = received.Name, ReceivedOn = now.LocalDate(), AnswerDue = received.AnswerDue }, now);
        return received;
    }

    public void Decide(AnswerOutcome outcome, string answer, string publicQuestion, string publicAnswer, string by, DateTimeOffset now)
    {
        RequireOpen();
        (State, Outcome, Answer, PublicQuestion, PublicAnswer, DecidedBy, DecidedAt) = (InformationRequestState.Answered, outcome, answer, publicQuestion, publicAnswer, by, now);
        Raise(new InformationRequestAnswered
        {
            InformationRequestId = Id, Number = Name, ReceivedOn = ReceivedAt.LocalDate(), AnswerDue = AnswerDue, AnsweredOn = now.LocalDate(), Outcome = Choice<AnswerOutcome>.NameOf(outcome),
            Question = publicQuestion, Answer = publicAnswer,
        }, now);
    }

    public void Dismiss(string by, DateTimeOffset now)
    {
        RequireOpen();
        (State, DecidedBy, DecidedAt) = (InformationRequestState.Dismissed, by, now);
        Raise(new InformationRequestDismissed { InformationRequestId = Id, Number = Name, ReceivedOn = ReceivedAt.LocalDate(), AnswerDue = AnswerDue, DismissedOn = now.LocalDate() }, now);
    }

    private void RequireOpen() => Rule.State(State == InformationRequestState.Received, "request_decided", "La solicitud ya se respondió.");
}
