namespace ProyeccionSocial.Organizations.Associations;

/// <summary>What statutes must cover (Código Municipal, art. 120).</summary>
internal enum StatutesTopic
{
    Name,
    DemocraticCharacter,
    Domicile,
    Territory,
    Object,
    Administration,
    OrgansAndPowers,
    Quorum,
    RightsAndDuties,
    Control,
    InternalAudit,
    Amendment,
}

internal static class StatutesTopics
{
    public static IReadOnlyList<StatutesTopic> All { get; } = Enum.GetValues<StatutesTopic>();

    public static string InSpanish(StatutesTopic topic) => topic switch
    {
        StatutesTopic.Name => "nombre",
        StatutesTopic.DemocraticCharacter => "carácter democrático",
        StatutesTopic.Domicile => "domicilio",
        StatutesTopic.Territory => "territorio",
        StatutesTopic.Object => "objeto",
        StatutesTopic.Administration => "administración",
        StatutesTopic.OrgansAndPowers => "órganos y atribuciones",
        StatutesTopic.Quorum => "quórum",
        StatutesTopic.RightsAndDuties => "derechos y deberes",
        StatutesTopic.Control => "control",
        StatutesTopic.InternalAudit => "fiscalización interna",
        StatutesTopic.Amendment => "reforma",
        _ => throw new ArgumentOutOfRangeException(nameof(topic)),
    };
}
