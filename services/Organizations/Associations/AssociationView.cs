using ProyeccionSocial.Contracts;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>An association as staff see it, with what its state waits for.</summary>
internal sealed record AssociationView(
    Guid Id,
    long Version,
    string Name,
    PlaceRef Place,
    AssociationState State,
    DateOnly FormedOn,
    DateOnly? AssemblyDate,
    DateOnly? FiledOn,
    DateOnly? ResolutionDue,
    string? Defects,
    DateOnly? CorrectionDue,
    DateOnly? RecognizedOn,
    bool GrantedByLaw,
    CouncilReference? CouncilReference,
    DateOnly? PublishedOn,
    string? CredentialNumber,
    DateOnly? ActivatedOn)
{
    public static AssociationView Of(Association a) => new(
        a.Id, a.Version, a.Name, a.Place.ToRef(), a.State, a.FormedOn, a.AssemblyDate, a.FiledOn, a.ResolutionDue,
        a.State == AssociationState.Observed ? a.Defects : null,
        a.State == AssociationState.Observed ? a.CorrectionDue : null,
        a.RecognizedOn, a.GrantedByLaw,
        a.CouncilAgreementNumber is { } agreement ? new CouncilReference(a.CouncilMinutesNumber!.Value, agreement, a.CouncilDate!.Value) : null,
        a.PublishedOn, a.CredentialNumber, a.ActivatedOn);
}
