using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Minutes;

/// <summary>What a person writes of a meeting; the rest of its minutes is known already.</summary>
internal sealed record MinutesDraft(
    TimeOnly? StartedAt = null, TimeOnly? EndedAt = null, [Text(150)] string? PresidedBy = null, [Text(150)] string? Secretary = null,
    [Count(0, 30)] IReadOnlyList<string>? Development = null, [Count(0, 50)] IReadOnlyList<AgreementDraft>? Agreements = null)
{
    public static MinutesDraft Example => new(
        new(14, 20), new(16, 5), "Presidencia de la junta", "Secretaría de la junta", ["Se leyó el plan de trabajo y se aprobó."], [AgreementDraft.Example]);
}

internal sealed record AgreementDraft([PublicText(1000)] string Text, [Text(150)] string Responsible, DateOnly DueOn, Guid? ResponsibleId = null)
{
    public static AgreementDraft Example => new("Limpiar la quebrada antes de las lluvias", "Comité de prevención", new(2026, 4, 30));
}
