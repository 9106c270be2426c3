using ProyeccionSocial.Contracts;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>An association as staff see it, with what its state waits for.</summary>
internal sealed record AssociationView(
    Guid Id,
    long Version,
    string Name,
    PlaceRef Place,
    AssociationState State,
    string Promoter,
    string Ruleset,
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
    string? TaxNumber,
    string? CredentialNumber,
    DateOnly? ActivatedOn,
    DateOnly? BoardFrom,
    DateOnly? BoardUntil,
    DateOnly? EndedOn)
{
    public static AssociationView Example => new(
        Examples.Id, 34, "ADESCO El Ejemplo", new(Examples.OtherId, "hamlet", "El Ejemplo", "El Ejemplo, Las Lomas, San Ensayo, Prueba"),
        AssociationState.Active, "marta.promotora", "codigo-municipal", new(2025, 1, 10), new(2025, 1, 20), new(2025, 2, 3), new(2025, 2, 24), null, null,
        new(2025, 2, 20), false, new(16, 15, new(2025, 2, 20)), new(2025, 4, 2), "0614-200225-101-3", "1-007-2025", new(2025, 4, 7),
        new(2025, 1, 20), new(2027, 1, 19), null);

    public static AssociationView Of(Association a) => new(
        a.Id, a.Version, a.Name, a.Place.ToRef(), a.State, a.Promoter, a.Ruleset, a.FormedOn, a.AssemblyDate, a.FiledOn, a.ResolutionDue,
        a.State == AssociationState.Observed ? a.Defects : null,
        a.State == AssociationState.Observed ? a.CorrectionDue : null,
        a.RecognizedOn, a.GrantedByLaw,
        a.CouncilAgreementNumber is { } agreement ? new CouncilReference(a.CouncilMinutesNumber!.Value, agreement, a.CouncilDate!.Value) : null,
        a.PublishedOn, a.TaxNumber, a.CredentialNumber, a.ActivatedOn, a.BoardFrom, a.BoardUntil, a.EndedOn);
}
