using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Oversight;

internal enum FindingState
{
    Open,
    Notified,
    Answered,
    Resolved,
    Escalated,
}

/// <summary>Something that the oversight committee saw and that must be answered.</summary>
internal sealed class Finding
{
    private Finding()
    {
    }

    public Guid ProjectId { get; private init; }
    public int Number { get; private init; }
    public Guid CommitteeId { get; private init; }
    public string Description { get; private init; } = "";

    /// <summary>A photo or a paper; those of before every finding had one may lack it.</summary>
    public Guid? EvidenceId { get; private init; }
    public FindingState State { get; private set; }
    public DateOnly FoundOn { get; private init; }
    public DateOnly? NotifiedOn { get; private set; }
    public DateOnly? AnswerDue { get; private set; }
    public string? Answer { get; private set; }
    public DateOnly? AnsweredOn { get; private set; }
    public string? Decision { get; private set; }
    public DateOnly? ResolvedOn { get; private set; }
    public DateOnly? EscalatedOn { get; private set; }

    /// <summary>When something happened with it last.</summary>
    public DateOnly LastOn => new[] { FoundOn, NotifiedOn, AnsweredOn, EscalatedOn, ResolvedOn }.Max()!.Value;

    /// <summary>
    /// The last day of whoever is to act on it now, after which it goes on by itself, so that nobody's silence, and no
    /// committee that was dissolved, keeps the works from ending: noted down, it is notified; notified or answered, it goes to
    /// the council. What went to the council waits for it. It counts from the day on which the last step could be read here,
    /// whatever day somebody says it was, so that a date of before takes no days from the other side.
    /// </summary>
    public DateOnly? ActBy { get; private set; }

    public static Finding Of(Guid project, int number, Guid committee, string description, Guid evidence, DateOnly on, DateOnly today, int days) => new()
    {
        ProjectId = project, Number = number, CommitteeId = committee, Description = description, EvidenceId = evidence, FoundOn = on, ActBy = today.AddDays(days),
    };

    /// <summary>What nobody did in their days happens.</summary>
    public void GoOn(DateOnly today, int days)
    {
        if (State == FindingState.Open)
            Notify(today, today, days);
        else
            Escalate(today);
    }

    /// <summary>The municipality was told of it, and has some days to answer, from the day on which it could read it here.</summary>
    public void Notify(DateOnly on, DateOnly today, int days)
    {
        Rule.State(State == FindingState.Open, "finding_not_open", "El hallazgo ya se notificó.");
        (State, NotifiedOn, AnswerDue, ActBy) = (FindingState.Notified, on, today.AddDays(days), today.AddDays(days));
    }

    /// <summary>What went to the council stays there: it reads the answer and decides.</summary>
    public void Respond(string answer, DateOnly on, DateOnly today, int days)
    {
        Rule.State(State == FindingState.Notified || (State == FindingState.Escalated && Answer is null), "finding_not_notified", "Se responde un hallazgo notificado y sin responder; lo respondido no se cambia.");
        (Answer, AnsweredOn) = (answer, on);
        if (State == FindingState.Notified)
            (State, ActBy) = (FindingState.Answered, today.AddDays(days));
    }

    public void Resolve(string decision, DateOnly on)
    {
        Rule.State(State is FindingState.Answered or FindingState.Escalated && Answer is not null, "finding_not_answered", "Nadie ha respondido el hallazgo: se resuelve después de la respuesta, también en el concejo.");
        (State, Decision, ResolvedOn, ActBy) = (FindingState.Resolved, decision, on, null);
    }

    /// <summary>Nobody answered in time, or the answer does not do: it goes to the council.</summary>
    public void Escalate(DateOnly on)
    {
        Rule.State(
            State == FindingState.Answered || (State == FindingState.Notified && on > AnswerDue), "finding_not_due", $"El plazo para responder corre hasta el {AnswerDue?.Day()}.");
        (State, EscalatedOn, ActBy) = (FindingState.Escalated, on, null);
    }
}

/// <summary>A visit of the committee to the works.</summary>
internal sealed class OversightVisit
{
    public required Guid ProjectId { get; init; }
    public required int Number { get; init; }
    public required Guid CommitteeId { get; init; }
    public required DateOnly VisitedOn { get; init; }
    public required string Report { get; init; }
    public Guid? PhotoId { get; init; }
}
