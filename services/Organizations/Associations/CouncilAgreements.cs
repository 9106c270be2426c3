using ProyeccionSocial.Contracts;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Associations;

internal static class CouncilAgreements
{
    public static CouncilReference ToReference(this CouncilAgreement agreement) => new(agreement.MinutesNumber, agreement.AgreementNumber, agreement.Date);
}
