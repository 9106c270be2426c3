using System.Text.Json.Serialization;

namespace ProyeccionSocial.Contracts.Organizations;

/// <summary>An event of a community association (ADESCO); its subject is the association.</summary>
public abstract record AssociationEvent : DomainEvent
{
    /// <summary>The association.</summary>
    public required Guid AssociationId { get; init; }

    /// <summary>Its full name.</summary>
    public required string Name { get; init; }

    /// <summary>The barrio, colonia, canton or hamlet whose residents it joins.</summary>
    public required PlaceRef Place { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override Guid SubjectId => AssociationId;
}

/// <summary>A group of residents began to form an association.</summary>
[PublicEvent("organizations.association.formed.v1")]
public sealed record AssociationFormed : AssociationEvent;

/// <summary>The constitutive assembly was held before the mayor or a delegate (Código Municipal, arts. 118-125).</summary>
[PublicEvent("organizations.association.constituted.v1")]
public sealed record AssociationConstituted : AssociationEvent
{
    /// <summary>Date of the constitutive assembly.</summary>
    public required DateOnly AssemblyDate { get; init; }

    /// <summary>Members on that date; not fewer than the ruleset's minimum.</summary>
    public required int Members { get; init; }
}

/// <summary>The application for legal personality was received with a numbered receipt.</summary>
[PublicEvent("organizations.association.application-filed.v1")]
public sealed record AssociationApplicationFiled : AssociationEvent
{
    /// <summary>Receipt number, unique in the municipality and gapless within its year: <c>2017-0001</c>.</summary>
    public required string ReceiptNumber { get; init; }

    /// <summary>Last day for the council to resolve; after it, personality is granted by law.</summary>
    public required DateOnly ResolutionDue { get; init; }
}

/// <summary>The municipality notified defects that the applicants can correct.</summary>
[PublicEvent("organizations.association.application-observed.v1")]
public sealed record AssociationApplicationObserved : AssociationEvent
{
    /// <summary>Date of the notice.</summary>
    public required DateOnly NotifiedOn { get; init; }

    /// <summary>Last day to correct; after it, the application is archived.</summary>
    public required DateOnly CorrectionDue { get; init; }
}

/// <summary>The applicants corrected the defects in time.</summary>
[PublicEvent("organizations.association.defects-corrected.v1")]
public sealed record AssociationDefectsCorrected : AssociationEvent
{
    /// <summary>Number of the receipt for the correction.</summary>
    public required string ReceiptNumber { get; init; }

    /// <summary>The council's new last day to resolve.</summary>
    public required DateOnly ResolutionDue { get; init; }
}

/// <summary>The application lapsed because the defects were not corrected in time.</summary>
[PublicEvent("organizations.association.application-archived.v1")]
public sealed record AssociationApplicationArchived : AssociationEvent
{
    /// <summary>The day that passed without a correction.</summary>
    public required DateOnly CorrectionDue { get; init; }
}

/// <summary>The association has legal personality, by agreement of the council or by law after its silence.</summary>
[PublicEvent("organizations.association.recognized.v1")]
public sealed record AssociationRecognized : AssociationEvent
{
    /// <summary>Day from which it has legal personality.</summary>
    public required DateOnly RecognizedOn { get; init; }

    /// <summary>The council's agreement; absent when granted by law.</summary>
    public CouncilReference? CouncilReference { get; init; }

    /// <summary>True when the council kept silent and the law granted it.</summary>
    public bool GrantedByLaw { get; init; }
}

/// <summary>The association was entered in the municipal register book.</summary>
[PublicEvent("organizations.association.registered.v1")]
public sealed record AssociationRegistered : AssociationEvent
{
    /// <summary>Number of the book.</summary>
    public required int Book { get; init; }

    /// <summary>Entry number, gapless in the book.</summary>
    public required int Entry { get; init; }

    /// <summary>Folio of the entry, gapless in the book.</summary>
    public required int Folio { get; init; }

    /// <summary>Date of the entry.</summary>
    public required DateOnly RegisteredOn { get; init; }
}

/// <summary>The statutes and the agreement were published in the Diario Oficial.</summary>
[PublicEvent("organizations.association.published.v1")]
public sealed record AssociationPublished : AssociationEvent
{
    /// <summary>Number of the Diario Oficial.</summary>
    public required int GazetteNumber { get; init; }

    /// <summary>Volume (<em>tomo</em>).</summary>
    public required int GazetteVolume { get; init; }

    /// <summary>Date of the issue.</summary>
    public required DateOnly PublishedOn { get; init; }
}

/// <summary>The board received its credential and the association works.</summary>
[PublicEvent("organizations.association.activated.v1")]
public sealed record AssociationActivated : AssociationEvent
{
    /// <summary>First day of the board's term.</summary>
    public required DateOnly BoardFrom { get; init; }

    /// <summary>Last day of the board's term; the credential expires with it.</summary>
    public required DateOnly BoardUntil { get; init; }
}

/// <summary>A general assembly elected the next board.</summary>
[PublicEvent("organizations.association.board-renewed.v1")]
public sealed record AssociationBoardRenewed : AssociationEvent
{
    /// <summary>First day of the term.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last day of the term.</summary>
    public required DateOnly Until { get; init; }
}

/// <summary>The board's term is about to end and no other was elected; sent once for each warning.</summary>
[PublicEvent("organizations.association.board-expiring.v1")]
public sealed record AssociationBoardExpiring : AssociationEvent
{
    /// <summary>Last day of the term.</summary>
    public required DateOnly Until { get; init; }

    /// <summary>Which warning: 60, 30 or 7 days ahead.</summary>
    public required int DaysLeft { get; init; }
}

/// <summary>The board's term ended without another board. The association goes on.</summary>
[PublicEvent("organizations.association.board-expired.v1")]
public sealed record AssociationBoardExpired : AssociationEvent
{
    /// <summary>Last day of the term.</summary>
    public required DateOnly ExpiredOn { get; init; }
}

/// <summary>The council was told of the new board.</summary>
[PublicEvent("organizations.association.board-reported.v1")]
public sealed record AssociationBoardReported : AssociationEvent
{
    /// <summary>Date of the report.</summary>
    public required DateOnly ReportedOn { get; init; }

    /// <summary>Number of its receipt.</summary>
    public required string ReceiptNumber { get; init; }
}

/// <summary>The board of an association that already works received a credential.</summary>
[PublicEvent("organizations.association.credential-issued.v1")]
public sealed record AssociationCredentialIssued : AssociationEvent
{
    /// <summary>Date of the credential.</summary>
    public required DateOnly IssuedOn { get; init; }

    /// <summary>Its last day, which is that of the board's term.</summary>
    public required DateOnly ValidUntil { get; init; }
}

/// <summary>The assembly amended the statutes.</summary>
[PublicEvent("organizations.association.statutes-amended.v1")]
public sealed record AssociationStatutesAmended : AssociationEvent
{
    /// <summary>From when on the amendment holds.</summary>
    public required DateOnly EffectiveFrom { get; init; }
}

/// <summary>The association brought its member roll and its work plan of the year.</summary>
[PublicEvent("organizations.association.annual-filing-received.v1")]
public sealed record AssociationAnnualFilingReceived : AssociationEvent
{
    /// <summary>The year.</summary>
    public required int Year { get; init; }

    /// <summary>Date of the filing.</summary>
    public required DateOnly FiledOn { get; init; }
}

/// <summary>An entry of one of the association's books was closed; nothing changes it any more. Its text is not in the event.</summary>
[PublicEvent("organizations.association.book-entry-closed.v1")]
public sealed record AssociationBookEntryClosed : AssociationEvent
{
    /// <summary><c>members</c>, <c>assembly-minutes</c>, <c>board-minutes</c>, <c>directors</c>, <c>treasury</c> or <c>inventory</c>.</summary>
    public required string BookKind { get; init; }

    /// <summary>Number of the book among those of its kind.</summary>
    public required int Book { get; init; }

    /// <summary>Number of the entry, gapless over the books of its kind.</summary>
    public required int Entry { get; init; }

    /// <summary>Date of what the entry tells.</summary>
    public required DateOnly DatedOn { get; init; }
}

/// <summary>The assembly decided to dissolve the association; its accounts are being settled.</summary>
[PublicEvent("organizations.association.dissolution-started.v1")]
public sealed record AssociationDissolutionStarted : AssociationEvent
{
    /// <summary>Code of the cause, as <c>members-agreement</c>.</summary>
    public required string Cause { get; init; }

    /// <summary>Date of the assembly.</summary>
    public required DateOnly DecidedOn { get; init; }
}

/// <summary>The association ended by its assembly's decision.</summary>
[PublicEvent("organizations.association.dissolved.v1")]
public sealed record AssociationDissolved : AssociationEvent
{
    /// <summary>Its last day.</summary>
    public required DateOnly DissolvedOn { get; init; }

    /// <summary>Code of the cause.</summary>
    public required string Cause { get; init; }

    /// <summary>The council's agreement that takes note of it.</summary>
    public required CouncilReference CouncilReference { get; init; }
}

/// <summary>The council cancelled the association's legal personality.</summary>
[PublicEvent("organizations.association.cancelled.v1")]
public sealed record AssociationCancelled : AssociationEvent
{
    /// <summary>Its last day.</summary>
    public required DateOnly CancelledOn { get; init; }

    /// <summary>Code of the cause, as <c>object-abandoned</c>.</summary>
    public required string Cause { get; init; }

    /// <summary>The council's agreement.</summary>
    public required CouncilReference CouncilReference { get; init; }
}

/// <summary>
/// A person's membership of an association, whole: sent when someone joins and when the dates change.
/// Internal, because it carries a name.
/// </summary>
public sealed record MembershipChanged : AssociationEvent
{
    /// <summary>The person. Who leaves and joins again has another membership, told apart by <see cref="JoinedOn"/>.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Full name.</summary>
    public required string PersonName { get; init; }

    /// <summary>First day as a member.</summary>
    public required DateOnly JoinedOn { get; init; }

    /// <summary>Last day as a member; absent while no end is known. A date in the future is still a member.</summary>
    public DateOnly? LeftOn { get; init; }
}

/// <summary>
/// Memberships of one association that came with a file, whole, at most 500 of them. Internal, because it carries
/// names.
/// </summary>
public sealed record MembersJoined : AssociationEvent
{
    /// <summary>The memberships.</summary>
    public required IReadOnlyList<JoinedMember> Members { get; init; }
}

/// <summary>A person's membership of an association.</summary>
/// <param name="PersonId">The person.</param>
/// <param name="PersonName">Full name.</param>
/// <param name="JoinedOn">First day as a member.</param>
/// <param name="LeftOn">Last day as a member; absent while no end is known.</param>
public sealed record JoinedMember(Guid PersonId, string PersonName, DateOnly JoinedOn, DateOnly? LeftOn);

/// <summary>A board was elected in assembly. Internal, because it carries names.</summary>
public sealed record BoardElected : AssociationEvent
{
    /// <summary>First day of the term.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last day of the term.</summary>
    public required DateOnly Until { get; init; }

    /// <summary>Who holds which post.</summary>
    public required IReadOnlyList<PostHolder> Posts { get; init; }
}

/// <summary>A post of a board has another holder, or its holder another last day. Internal, because it carries a name.</summary>
public sealed record BoardSeatChanged : AssociationEvent
{
    /// <summary>The post, as <c>president</c> or <c>syndic</c>.</summary>
    public required string Post { get; init; }

    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Full name.</summary>
    public required string PersonName { get; init; }

    /// <summary>First day in the post.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last day in the post.</summary>
    public required DateOnly Until { get; init; }
}

/// <summary>A person in a post of a board or committee.</summary>
/// <param name="Post">The post, as <c>president</c> or <c>syndic</c>.</param>
/// <param name="PersonId">The person.</param>
/// <param name="PersonName">Full name.</param>
public sealed record PostHolder(string Post, Guid PersonId, string PersonName);
