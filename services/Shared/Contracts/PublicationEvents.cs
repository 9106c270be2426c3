using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts
{
    /// <summary>
    /// Something that was published before is not to be taken as it was; its subject is that earlier event. Sent by the service
    /// that had published it, so that whoever follows the service hears of it.
    /// </summary>
    public abstract record PublicationEvent : DomainEvent
    {
        /// <summary>The <see cref="DomainEvent.EventId"/> of the earlier event.</summary>
        public required Guid PublicationId { get; init; }

        /// <summary>What the earlier event was about.</summary>
        public required Guid About { get; init; }

        /// <summary>The earlier event's type, as <c>budget.project.created.v1</c>.</summary>
        public required string Publication { get; init; }

        /// <inheritdoc/>
        [JsonIgnore]
        public override Guid SubjectId => PublicationId;
    }

    /// <summary>
    /// An earlier event was taken back: its words are gone from the feed, and whoever has a copy removes them. Its place in the
    /// sealed history stays, as the hash that it was sealed with.
    /// </summary>
    public abstract record WithdrawnPublication : PublicationEvent
    {
        /// <summary><c>personal-data</c>, <c>error</c> or <c>order</c> (of a court or of the institute of access to information).</summary>
        public required string Cause { get; init; }
    }

    /// <summary>An earlier event was wrong in something; it stays, with this beside it.</summary>
    public abstract record CorrectedPublication : PublicationEvent
    {
        /// <summary>What is right, in words.</summary>
        public required string Correction { get; init; }
    }
}

namespace ProyeccionSocial.Contracts.Organizations
{
    /// <inheritdoc/>
    [PublicEvent("organizations.publication.withdrawn.v1")]
    public sealed record PublicationWithdrawn : WithdrawnPublication;

    /// <inheritdoc/>
    [PublicEvent("organizations.publication.corrected.v1")]
    public sealed record PublicationCorrected : CorrectedPublication;
}

namespace ProyeccionSocial.Contracts.Agenda
{
    /// <inheritdoc/>
    [PublicEvent("agenda.publication.withdrawn.v1")]
    public sealed record PublicationWithdrawn : WithdrawnPublication;

    /// <inheritdoc/>
    [PublicEvent("agenda.publication.corrected.v1")]
    public sealed record PublicationCorrected : CorrectedPublication;
}

namespace ProyeccionSocial.Contracts.Budget
{
    /// <inheritdoc/>
    [PublicEvent("budget.publication.withdrawn.v1")]
    public sealed record PublicationWithdrawn : WithdrawnPublication;

    /// <inheritdoc/>
    [PublicEvent("budget.publication.corrected.v1")]
    public sealed record PublicationCorrected : CorrectedPublication;
}

namespace ProyeccionSocial.Contracts.Distribution
{
    /// <inheritdoc/>
    [PublicEvent("distribution.publication.withdrawn.v1")]
    public sealed record PublicationWithdrawn : WithdrawnPublication;

    /// <inheritdoc/>
    [PublicEvent("distribution.publication.corrected.v1")]
    public sealed record PublicationCorrected : CorrectedPublication;
}
