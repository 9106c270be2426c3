using ProyeccionSocial.Contracts;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>A numbered agreement of the council, as a request gives it.</summary>
internal sealed record CouncilAgreement([Between(1, 99999)] int MinutesNumber, [Between(1, 99999)] int AgreementNumber, DateOnly Date)
{
    public static CouncilAgreement Example => new(16, 15, new(2025, 2, 20));

    public CouncilReference ToReference() => new(MinutesNumber, AgreementNumber, Date);
}
