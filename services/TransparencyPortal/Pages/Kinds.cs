namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>What there is to read, as addresses and people call it.</summary>
internal sealed record Kind(string Name, string Slug, string Title, string About)
{
    public static readonly Kind[] All =
    [
        new("association", "asociaciones", "Asociaciones comunales", "Las ADESCO: su personería, su junta directiva y sus libros."),
        new("committee", "comites", "Comités", "De jóvenes, de prevención, ejecutores y contralores de obras."),
        new("meeting", "reuniones", "Reuniones", "Cuándo son, si hubo quórum, y sus actas en versión pública."),
        new("event", "eventos", "Eventos", "Culturales, deportivos y comunitarios."),
        new("plan", "planes", "Plan operativo", "Lo que la unidad se propuso en el año y lo que lleva hecho."),
        new("cycle", "presupuestos", "Presupuesto participativo", "Cuánto hay por zona, cómo se vota y qué ganó."),
        new("proposal", "propuestas", "Propuestas", "Lo que las comunidades pidieron y qué fue de ello."),
        new("project", "obras", "Obras", "Su dinero, su avance, y lo que halló el comité contralor."),
        new("campaign", "paquetes", "Paquetes agrícolas", "Qué se entrega, dónde y cuánto se ha entregado."),
        new("delivery-day", "jornadas", "Jornadas de entrega", "Días, horas y lugares."),
        new("series", "reuniones-periodicas", "Reuniones que se repiten", "Las que son cada mes o cada semana."),
        new("edition", "periodico-mural", "Periódico mural", "Cada edición, para leerla o imprimirla, y dónde se colocó."),
        new("question", "preguntas", "Preguntas y respuestas", "Lo que la gente preguntó y lo que se le respondió."),
    ];

    /// <summary>Events of every day that anybody brings about: on their own pages, and no news for everybody.</summary>
    public static readonly string[] Routine = ["agenda.information-request.received.v1", "agenda.information-request.dismissed.v1"];

    public static Kind? BySlug(string slug) => Array.Find(All, k => k.Slug == slug);

    public static string AddressOf(string kind, Guid id) => Array.Find(All, k => k.Name == kind) is { } known ? $"/portal/{known.Slug}/{id}" : $"/portal/a/{id}";
}
