namespace ProyeccionSocial.TransparencyPortal.Events;

/// <summary>What an event says of its subject: what it is, how it is called, where, and to what it belongs.</summary>
internal sealed record SubjectNews(string Kind, string Title, string Place, Guid? Parent)
{
    public static SubjectNews Of(PublicEvent told)
    {
        var data = told.Data;
        var kind = string.Join('.', told.Type.Split('.')[..2]);
        return kind switch
        {
            "organizations.association" => new("association", data.Text("name"), data.Path, null),
            "organizations.committee" => new("committee", data.Text("name"), data.Path, Id(data, "projectId")),
            "agenda.meeting" => new("meeting", $"{data.Text("title")}, {data.Text("bodyName")}", data.Path, Id(data, "bodyId")),
            "agenda.plan" => new("plan", $"Plan operativo {data.Amount("year"):0}: {data.Text("unit")}", "", null),
            "agenda.event" => new("event", data.Text("title"), data.Path, null),
            "agenda.series" => new("series", data.Text("title"), "", null),
            "agenda.wall-newspaper" => new("edition", $"Periódico mural {data.Text("edition")}", data.Path, null),
            "budget.cycle" => new("cycle", data.Text("title"), "", null),
            "budget.proposal" => new("proposal", data.Text("name"), data.Path, Id(data, "cycleId")),
            "budget.project" => new("project", data.Text("name"), data.Path, Id(data, "cycleId")),
            "distribution.campaign" => new("campaign", data.Text("campaign"), "", null),
            "distribution.delivery-day" => new("delivery-day", $"{data.Text("campaign")}: entrega en {data.Text("centre")}", data.Path, null),
            // A kind that is newer than the portal: kept, sealed and shown by its type.
            _ => new("other", kind, data.Path, null),
        };
    }

    private static Guid? Id(EventData data, string name) => Guid.TryParse(data.Text(name), out var id) ? id : null;
}
