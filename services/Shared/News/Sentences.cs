namespace ProyeccionSocial.News;

/// <summary>What an event says, in a sentence that a resident understands.</summary>
public static class Sentences
{
    private static readonly Dictionary<string, Func<EventData, string>> Known = new()
    {
        ["organizations.association.formed.v1"] = _ => "La comunidad empezó a formar su asociación.",
        ["organizations.association.constituted.v1"] = d => $"Se constituyó en asamblea el {d.Day("assemblyDate")}, con {d.Some("members", "miembro", "miembros")}.",
        ["organizations.association.application-filed.v1"] = d => $"Pidió su personería jurídica (recibo {d.Text("receiptNumber")}). El concejo resuelve a más tardar el {d.Day("resolutionDue")}.",
        ["organizations.association.application-observed.v1"] = d => $"Se le pidió corregir su solicitud a más tardar el {d.Day("correctionDue")}.",
        ["organizations.association.defects-corrected.v1"] = d => $"Corrigió su solicitud. El concejo resuelve a más tardar el {d.Day("resolutionDue")}.",
        ["organizations.association.application-archived.v1"] = _ => "Su solicitud se archivó: no se corrigió a tiempo.",
        ["organizations.association.recognized.v1"] = d => d.Is("grantedByLaw") ? $"Obtuvo su personería por ministerio de ley el {d.Day("recognizedOn")}." : $"El concejo le reconoció la personería jurídica. {d.Agreement("councilReference")}.",
        ["organizations.association.registered.v1"] = d => $"Se inscribió en el libro {d.Number("book")}, asiento {d.Number("entry")}, folio {d.Number("folio")}.",
        ["organizations.association.published.v1"] = d => $"Se publicó en el Diario Oficial No. {d.Number("gazetteNumber")}, tomo {d.Number("gazetteVolume")}.",
        ["organizations.association.activated.v1"] = d => $"Su junta directiva está vigente hasta el {d.Day("boardUntil")}.",
        ["organizations.association.board-renewed.v1"] = d => $"Eligió junta directiva, del {d.Day("from")} al {d.Day("until")}.",
        ["organizations.association.board-expiring.v1"] = d => $"Su junta directiva termina en {d.Some("daysLeft", "día", "días")}, el {d.Day("until")}.",
        ["organizations.association.board-expired.v1"] = d => $"Su junta directiva venció el {d.Day("expiredOn")}. La asociación sigue existiendo.",
        ["organizations.association.board-reported.v1"] = d => $"Informó de su junta directiva al concejo el {d.Day("reportedOn")}.",
        ["organizations.association.credential-issued.v1"] = d => $"Se extendió la credencial de su junta, válida hasta el {d.Day("validUntil")}.",
        ["organizations.association.statutes-amended.v1"] = d => $"Reformó sus estatutos; rigen desde el {d.Day("effectiveFrom")}.",
        ["organizations.association.annual-filing-received.v1"] = d => $"Presentó su nómina y su plan de {d.Amount("year"):0}.",
        ["organizations.association.book-entry-closed.v1"] = d => $"Se cerró el asiento {d.Number("entry")} de su libro {d.Number("book")}.",
        ["organizations.association.dissolution-started.v1"] = d => $"Acordó disolverse el {d.Day("decidedOn")}.",
        ["organizations.association.dissolved.v1"] = d => $"Se disolvió el {d.Day("dissolvedOn")}.",
        ["organizations.association.cancelled.v1"] = d => $"Se canceló su personería el {d.Day("cancelledOn")}. {d.Agreement("councilReference")}.",
        ["organizations.committee.formed.v1"] = d => $"Se formó en asamblea el {d.Day("formedOn")}, con {d.Some("members", "integrante", "integrantes")}.",
        ["organizations.committee.dissolved.v1"] = d => $"Terminó el {d.Day("dissolvedOn")}.",
        ["agenda.meeting.planned.v1"] = d => $"Se prevé para el {d.Moment("startsAt")}, en {d.Text("venue")}.",
        ["agenda.meeting.convened.v1"] = d => $"Se convocó para el {d.Moment("startsAt")}, en {d.Text("venue")}.",
        ["agenda.meeting.held.v1"] = d => $"Se celebró con {d.Some("attendance", "asistente", "asistentes")}; el quórum era de {d.Number("quorum")}.",
        ["agenda.meeting.without-quorum.v1"] = d => $"No hubo quórum: la asistencia fue de {d.Number("attendance")} y el quórum era de {d.Number("quorum")}.",
        ["agenda.meeting.rescheduled.v1"] = d => $"Cambió de fecha: será el {d.Moment("startsAt")}.",
        ["agenda.meeting.cancelled.v1"] = _ => "Se canceló.",
        ["agenda.meeting.minutes-closed.v1"] = d => $"Se cerró el acta No. {d.Number("number")}, con {d.Some("agreements", "acuerdo", "acuerdos")}.",
        ["agenda.meeting.minutes-published.v1"] = d => $"Ya puede leerse el acta No. {d.Number("number")} en versión pública.",
        ["agenda.meeting.agreement-followed.v1"] = d => $"Acuerdo {d.Number("number")}: {InWords(d.Text("state"))}.",
        ["agenda.event.announced.v1"] = d => $"Será el {d.Moment("startsAt")}, en {d.Text("venue")}. {d.Text("promotion")}",
        ["agenda.event.cancelled.v1"] = _ => "Se canceló.",
        ["agenda.event.held.v1"] = d => $"Se realizó, con {d.Some("attendance", "asistente", "asistentes")}. {d.Text("results")}",
        ["agenda.series.scheduled.v1"] = d => $"Se fijó en el calendario: {EventData.Some(d.Parts("dates").Count, "fecha", "fechas")}.",
        ["agenda.series.occurrence-decided.v1"] = d => d.Is("cancelled") ? $"No se hará la del {d.Day("originalDate")}." : $"La del {d.Day("originalDate")} será el {(d.Has("startsAt") ? d.Moment("startsAt") : d.Day("date"))}.",
        ["organizations.place.located.v1"] = _ => "Ya está en el mapa.",
        ["agenda.information-request.received.v1"] = d => $"Se pidió información. Se responde a más tardar el {d.Day("answerDue")}.",
        ["agenda.information-request.dismissed.v1"] = _ => "No pedía información, y se cerró.",
        ["agenda.information-request.answered.v1"] = d => $"{Outcome(d.Text("outcome"))} el {d.Day("answeredOn")}. Pregunta: {d.Text("question")}",
        ["agenda.wall-newspaper.approved.v1"] = d => $"Se aprobó el {d.Day("approvedOn")}, con {EventData.Some(d.Parts("items").Count, "noticia", "noticias")}.",
        ["agenda.wall-newspaper.taken-down.v1"] = d => $"Se quitó el {d.Day("takenDownOn")} de {d.Part("place").Text("path")}.",
        ["agenda.wall-newspaper.posted.v1"] = d => $"Se colocó el {d.Day("postedOn")} en {d.Part("place").Text("path")}.",
        ["agenda.plan.imported.v1"] = d => $"Se anotó con {d.Some("activities", "actividad", "actividades")}.",
        ["agenda.plan.submitted.v1"] = _ => "Se presentó al concejo.",
        ["agenda.plan.observed.v1"] = _ => "El concejo pidió cambios.",
        ["agenda.plan.approved.v1"] = d => $"El concejo lo aprobó. {d.Agreement("councilReference")}.",
        ["agenda.plan.started.v1"] = d => $"Comenzó a ejecutarse el {d.Day("startedOn")}.",
        ["agenda.plan.modified.v1"] = d => $"Se modificó (modificación {d.Number("number")}).",
        ["agenda.plan.activity-progressed.v1"] = d => $"Actividad {d.Number("activityNumber")}, «{d.Text("activity")}»: lleva {d.Number("executed")}.",
        ["agenda.plan.activity-recounted.v1"] = d => $"Actividad {d.Number("activityNumber")}, «{d.Text("activity")}»: se contó de nuevo y lleva {d.Number("executed")}.",
        ["agenda.plan.quarter-reported.v1"] = d => $"El informe del trimestre {d.Number("quarter")} se presentó al concejo{(d.Has("percent") ? $": {d.Number("percent")} % cumplido" : "")}.",
        ["agenda.plan.closed.v1"] = d => $"Se cerró el {d.Day("closedOn")}.",
        ["budget.cycle.opened.v1"] = d => $"El concejo abrió el ciclo con {d.Money("ceiling")}. {d.Agreement("councilReference")}.",
        ["budget.cycle.rules-changed.v1"] = d => $"El concejo cambió las reglas de la votación. {d.Agreement("councilReference")}.",
        ["budget.cycle.ballot-published.v1"] = d => $"Se publicó la papeleta, con {EventData.Some(d.Parts("lines").Count, "propuesta", "propuestas")}.",
        ["budget.cycle.seed-drawn.v1"] = d => $"El sorteo entre empates usará la semilla {d.Text("seed")} ({d.Text("source")}).",
        ["budget.cycle.result-declared.v1"] = d => $"Resultado de {d.Text("zoneName")}: con {d.Some("ballots", "papeleta", "papeletas")} {Chosen([.. d.Parts("lines").Where(l => l.Is("chosen")).Select(l => l.Text("name"))])}.{(d.Has("overrideReason") ? $" El concejo eligió otra cosa: {d.Text("overrideReason")}" : "")}",
        ["budget.cycle.finished.v1"] = d => $"Terminó el {d.Day("finishedOn")}: {d.Money("paid")} pagados en {d.Some("projects", "obra", "obras")}.",
        ["budget.proposal.submitted.v1"] = d => $"La presentó {(d.Has("association") ? d.Text("association") : "un grupo de residentes")} el {d.Day("submittedOn")}, para {d.Some("beneficiaries", "persona", "personas")}.",
        ["budget.proposal.evaluated.v1"] = d => $"Los técnicos la hallaron {(d.Is("feasible") ? "viable" : "no viable")}.{(d.Has("grounds") ? $" Por qué: {d.Text("grounds")}" : "")}",
        ["budget.proposal.changed.v1"] = d => $"Pasó a: {InWords(d.Text("state"))}.",
        ["budget.project.created.v1"] = d => $"La propuesta se volvió obra, con {d.Money("granted")}.",
        ["budget.project.approved.v1"] = d => $"El concejo aprobó su carpeta técnica el {d.Day("approvedOn")}.",
        ["budget.project.changed.v1"] = d => $"{State(d.Text("state"))} desde el {d.Day("on")}.{(d.Has("contractor") ? $" La construye {d.Text("contractor")}." : "")}{(d.Has("cause") ? $" Motivo: {d.Text("cause")}" : "")}",
        ["budget.project.money-changed.v1"] = d => $"Aprobado {d.Money("approved")}, comprometido {d.Money("committed")}, pagado {d.Money("paid")}; la comunidad puso {d.Money("contributed")}.",
        ["budget.project.milestone-reached.v1"] = d => $"Se alcanzó «{d.Text("milestone")}» el {d.Day("on")}: lleva {d.Number("progress")} %.",
        ["budget.project.visited.v1"] = d => $"El comité contralor la visitó el {d.Day("on")}: {d.Text("report")}",
        ["budget.project.finding-changed.v1"] = d => $"Hallazgo {d.Number("number")} ({InWords(d.Text("state"))}): {d.Text("finding")}{(d.Has("answer") ? $" Respuesta: {d.Text("answer")}" : "")}",
        ["distribution.campaign.announced.v1"] = d => $"{d.Text("owner")}, {d.Text("season")}: del {d.Day("firstDay")} al {d.Day("lastDay")}, en {EventData.Some(d.Parts("centres").Count, "centro", "centros")}.",
        ["distribution.campaign.centre-closed.v1"] = d => $"{d.Text("centre")} cerró con su acta: {string.Join("; ", d.Parts("packages").Select(p => $"{p.Number("delivered")} de {p.Number("programmed")} de {p.Text("package")}"))}.",
        ["distribution.campaign.closed.v1"] = d => $"Terminó: {string.Join("; ", d.Parts("packages").Select(p => $"{p.Number("delivered")} de {p.Number("programmed")} de {p.Text("package")}"))}.",
        ["distribution.campaign.cancelled.v1"] = _ => "Se canceló.",
        ["distribution.delivery-day.scheduled.v1"] = d => $"Será el {d.Day("date")}, de {Hour(d.Text("opens"))} a {Hour(d.Text("closes"))}.",
        ["distribution.delivery-day.cancelled.v1"] = d => $"La del {d.Day("date")} se canceló.",
        ["organizations.publication.withdrawn.v1"] = Withdrawn,
        ["organizations.publication.corrected.v1"] = Corrected,
        ["agenda.publication.withdrawn.v1"] = Withdrawn,
        ["agenda.publication.corrected.v1"] = Corrected,
        ["budget.publication.withdrawn.v1"] = Withdrawn,
        ["budget.publication.corrected.v1"] = Corrected,
        ["distribution.publication.withdrawn.v1"] = Withdrawn,
        ["distribution.publication.corrected.v1"] = Corrected,
        ["distribution.delivery-day.closed.v1"] = d => $"El {d.Day("date")} {(d.Amount("delivered") == 1 ? "se entregó" : "se entregaron")} {d.Some("delivered", "paquete", "paquetes")}.",
    };

    private static readonly Dictionary<string, string> Outcomes = new()
    {
        ["given"] = "Se respondió", ["partly-given"] = "Se respondió en parte", ["reserved"] = "Se respondió que es información reservada", ["not-held"] = "Se respondió que la municipalidad no la tiene",
        ["referred"] = "Se respondió que la tiene otra institución",
    };

    private static string Chosen(string[] names) => names.Length switch { 0 => "no se eligió ninguna", 1 => $"se eligió {names[0]}", _ => $"se eligieron {string.Join(", ", names)}" };

    private static string Outcome(string outcome) => Outcomes.GetValueOrDefault(outcome, "Se respondió");

    private static readonly Dictionary<string, string> Causes = new() { ["personal-data"] = "tenía datos personales", ["error"] = "fue un error", ["order"] = "así se ordenó" };

    private static string Withdrawn(EventData d) => $"Se retiró algo que se había publicado: {Causes.GetValueOrDefault(d.Text("cause"), "ya no vale")}.";

    private static string Corrected(EventData d) => $"Corrección: {d.Text("correction")}";

    private static readonly Dictionary<string, string> States = new()
    {
        ["received"] = "recibida", ["in-review"] = "en revisión", ["observed"] = "observada", ["feasible"] = "viable", ["not-feasible"] = "no viable", ["prioritised"] = "priorizada", ["waiting-list"] = "en lista de espera",
        ["not-supported"] = "sin los votos mínimos", ["included"] = "incluida", ["turned-into-project"] = "convertida en obra", ["merged"] = "unida a otra", ["divided"] = "dividida", ["withdrawn"] = "retirada",
        ["idea"] = "idea", ["profile"] = "perfil", ["dossier-in-preparation"] = "carpeta en preparación", ["dossier-approved"] = "carpeta aprobada", ["in-procurement"] = "en contratación",
        ["direct-administration"] = "por administración directa", ["awarded"] = "adjudicada", ["start-ordered"] = "con orden de inicio", ["in-execution"] = "en ejecución", ["suspended"] = "suspendida",
        ["provisional-reception"] = "recibida provisionalmente", ["final-reception"] = "recibida definitivamente", ["settled"] = "liquidada", ["closed"] = "cerrada", ["void"] = "anulada", ["cancelled"] = "cancelada",
        ["open"] = "anotado", ["notified"] = "notificado", ["answered"] = "respondido", ["resolved"] = "resuelto", ["escalated"] = "llegó al concejo", ["pending"] = "pendiente", ["in-progress"] = "en marcha",
        ["fulfilled"] = "cumplido", ["overdue"] = "vencido",
    };

    /// <summary>The events that have a sentence.</summary>
    public static IEnumerable<string> Types => Known.Keys;

    /// <summary>An event of a kind that is newer than the portal is told by its name.</summary>
    public static string Of(PublicEvent told) => told.Leaf is not null ? "Lo que decía aquí se retiró." : Known.TryGetValue(told.Type, out var sentence) ? sentence(told.Data).Trim() : $"Se publicó {told.Type}.";

    /// <summary>A state, as people call it: "En ejecución".</summary>
    public static string State(string state) => Sentence(InWords(state));

    /// <summary>A phase of a participatory budget, as people call it.</summary>
    public static string Phase(string phase) => Phases.GetValueOrDefault(phase, phase);

    private static string InWords(string state) => States.GetValueOrDefault(state, state);

    private static readonly Dictionary<string, string> Phases = new()
    {
        ["preparation"] = "Preparación", ["proposals"] = "Presentar propuestas", ["assessment"] = "Estudio de los técnicos", ["voting"] = "Votación", ["approval"] = "Aprobación del concejo", ["execution"] = "Ejecución y cuentas",
    };

    private static string Sentence(string words) => words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];

    /// <summary>An hour, as <c>8:30</c>.</summary>
    public static string Hour(string time) => TimeOnly.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, out var at) ? at.ToString("H:mm", System.Globalization.CultureInfo.InvariantCulture) : time;
}
