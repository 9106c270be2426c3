using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Agenda;

/// <summary>An event of a resident's request for information; its subject is the request. None tells who asked.</summary>
public abstract record InformationRequestEvent : DomainEvent
{
    /// <summary>The request.</summary>
    public required Guid InformationRequestId { get; init; }

    /// <summary>Its number, as <c>SI-2027-14</c>.</summary>
    public required string Number { get; init; }

    /// <summary>When it was filed.</summary>
    public required DateOnly ReceivedOn { get; init; }

    /// <summary>Last day for the answer: 10 business days (Ley de Acceso a la Información Pública, art. 71).</summary>
    public required DateOnly AnswerDue { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => InformationRequestId;
}

/// <summary>Somebody asked for information. The question is published with its answer, once it was looked through for personal data.</summary>
[PublicEvent("agenda.information-request.received.v1")]
public sealed record InformationRequestReceived : InformationRequestEvent;

/// <summary>It asked for no information, as an advertisement does not. What it said stays with the unit.</summary>
[PublicEvent("agenda.information-request.dismissed.v1")]
public sealed record InformationRequestDismissed : InformationRequestEvent
{
    /// <summary>When.</summary>
    public required DateOnly DismissedOn { get; init; }
}

/// <summary>The request was answered.</summary>
[PublicEvent("agenda.information-request.answered.v1")]
public sealed record InformationRequestAnswered : InformationRequestEvent
{
    /// <summary>When.</summary>
    public required DateOnly AnsweredOn { get; init; }

    /// <summary><c>given</c>, <c>partly-given</c>, <c>reserved</c>, <c>not-held</c> or <c>referred</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>The question in its public version.</summary>
    public required string Question { get; init; }

    /// <summary>The answer in its public version.</summary>
    public required string Answer { get; init; }
}
