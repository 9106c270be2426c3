namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>A numbered agreement of the municipal council, as a request gives it: "Acuerdo No. 15 del Acta No. 16, 24-05-2006".</summary>
/// <param name="MinutesNumber">Number of the council's minutes.</param>
/// <param name="AgreementNumber">Number of the agreement in those minutes.</param>
/// <param name="Date">Date of the session.</param>
public sealed record CouncilAgreement([Between(1, 99999)] int MinutesNumber, [Between(1, 99999)] int AgreementNumber, DateOnly Date)
{
    /// <summary>How one is filled in.</summary>
    public static CouncilAgreement Example => new(16, 15, new(2025, 2, 20));

    /// <summary>As people here write it.</summary>
    public override string ToString() => $"Acuerdo No. {AgreementNumber} del Acta No. {MinutesNumber}, {Date.Day()}";
}
