using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class AccessTests(AgendaService service) : AccessRules<Program>(service), IClassFixture<AgendaService>
{
    protected override IEnumerable<string> Public =>
    [
        "GET /v1/agenda/editor",
        "GET /v1/agenda/editor/{file}",
        "GET /v1/agenda/public/calendar/bodies/{id:guid}.ics",
        "GET /v1/agenda/public/calendar/places.ics",
        "GET /v1/agenda/public/calendar/unit.ics",
        "GET /v1/agenda/public/calendar/{kind}/{id:guid}",
        "GET /v1/agenda/public/information-requests/{code}",
        "POST /v1/agenda/public/information-requests/",
        "POST /v1/agenda/public/information-requests/form",
        "GET /v1/agenda/public/invitations/{code}",
        "GET /v1/agenda/public/meetings/{id:guid}/minutes/{number:int}",
        "GET /v1/agenda/public/registrations/{code}",
        "GET /v1/agenda/published",
    ];
}
