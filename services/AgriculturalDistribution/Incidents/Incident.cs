using ProyeccionSocial.AgriculturalDistribution.Roster;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.AgriculturalDistribution.Incidents;

internal enum IncidentKind
{
    Deceased,

    /// <summary>Listed twice under different numbers.</summary>
    Duplicate,
    NotAProducer,
    WrongData,
    PersonLeftOut,

    /// <summary>An association, or the unit, says that a hamlet's producers are missing.</summary>
    HamletLeftOut,
}

internal enum IncidentState
{
    Open,

    /// <summary>The owner of the roster was told.</summary>
    Sent,
    Accepted,
    Refused,
}

/// <summary>Something that is wrong in the owner's roster: the unit does not edit it, it tells the owner.</summary>
internal sealed class Incident : Aggregate
{
    public required Guid CampaignId { get; init; }
    public required IncidentKind Kind { get; init; }
    public Guid? BeneficiaryId { get; init; }

    /// <summary>Who was left out.</summary>
    public Outsider? Outsider { get; init; }
    public int? HamletId { get; init; }
    public int? Claimed { get; init; }

    /// <summary>How many the roster listed there when it was said.</summary>
    public int? ListedThen { get; init; }
    public Guid? AssociationId { get; init; }
    public required string Description { get; init; }
    public IncidentState State { get; private set; }
    public required string ReportedBy { get; init; }
    public required DateTimeOffset ReportedAt { get; init; }
    public DateOnly? SentOn { get; private set; }
    public string? Document { get; private set; }
    public string? Answer { get; private set; }
    public DateOnly? AnsweredOn { get; private set; }

    /// <summary>Whether somebody of the roster is meant.</summary>
    public static bool IsAboutListed(IncidentKind kind) => kind is IncidentKind.Deceased or IncidentKind.Duplicate or IncidentKind.NotAProducer or IncidentKind.WrongData;

    public void Resolve(bool accepted, string answer, DateOnly on)
    {
        Rule.State(State == IncidentState.Sent, "incident_not_sent", "Se resuelve una incidencia que se envió al dueño del padrón y que él respondió.");
        Rule.That(on >= SentOn, "before_last_step", "La respuesta no es anterior al envío.", "/on");
        (State, Answer, AnsweredOn) = (accepted ? IncidentState.Accepted : IncidentState.Refused, answer, on);
        Touch();
    }
}
