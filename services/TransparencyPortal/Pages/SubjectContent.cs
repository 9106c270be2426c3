using ProyeccionSocial.News;
using ProyeccionSocial.Papers;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>What a subject's page says of it besides what happened, from the newest word on each part of it.</summary>
internal sealed class SubjectContent(Guid id, string kind, IReadOnlyList<PublicEvent> newest)
{
    public List<(string Label, string Value)> Facts { get; } = [];

    public List<Block> Blocks { get; } = [];

    public List<(string Text, string Address)> Links { get; } = [];

    /// <summary>The facts that a subject of a kind may have, as columns of a sheet.</summary>
    public static readonly Dictionary<string, string[]> Labels = new()
    {
        ["association"] = ["Estado", "Junta directiva", "Personería desde el", "Registro"], ["committee"] = ["Se formó el", "Integrantes", "Terminó el"],
        ["meeting"] = ["Estado", "Cuándo", "Dónde", "Se reúne", "Asistencia"], ["event"] = ["Estado", "Cuándo", "Dónde", "Organiza"], ["plan"] = ["Lo aprobó el concejo"],
        ["cycle"] = ["Hay para elegir", "Lo acordó el concejo", "Se vota", "Se decide", "Los empates se sortean con"], ["proposal"] = ["Estado", "Por qué", "La presentó", "Ayudaría a", "Número en la papeleta"],
        ["project"] = ["Estado", "La construye", "Termina, según el plan, el", "Avance de la obra", "Aprobado", "Comprometido", "Pagado", "Aporte de la comunidad", "Asignado"],
        ["campaign"] = ["Estado", "De quién", "Cuándo", "Qué llevar"], ["delivery-day"] = ["Estado", "Cuándo", "Centro", "Qué llevar", "Se entregó"], ["series"] = ["Se reúne", "Dónde"], ["edition"] = ["Aprobada el"],
        ["question"] = ["Estado", "Solicitud", "Se pidió el", "Se respondió el", "Plazo para responder"],
    };

    public SubjectContent Fill()
    {
        switch (kind)
        {
            case "project": Project(); break;
            case "proposal": Proposal(); break;
            case "cycle": Cycle(); break;
            case "campaign": Campaign(); break;
            case "plan": Plan(); break;
            case "association": Association(); break;
            case "committee": Committee(); break;
            case "meeting": Meeting(); break;
            case "event": Event(); break;
            case "delivery-day": DeliveryDay(); break;
            case "edition": Edition(); break;
            case "question": Question(); break;
            case "series": Series(); break;
        }
        return this;
    }

    /// <summary>What stands beside a subject's name in a list, in a few words.</summary>
    public static string NoteOf(string kind, IReadOnlyList<PublicEvent> newest)
    {
        var content = new SubjectContent(default, kind, newest).Fill();
        string[] labels = kind switch { "association" => ["Estado", "Junta directiva"], "project" => ["Estado", "Avance de la obra"], "proposal" => ["Estado"], "event" or "delivery-day" or "meeting" => ["Estado", "Cuándo"], "campaign" => ["Estado", "Cuándo"], "question" => ["Estado"], _ => [] };
        return string.Join("; ", labels.Select(label => content.Facts.Find(f => f.Label == label)).Where(f => f.Label is not null).Select(f => f.Label is "Cuándo" or "Estado" ? f.Value : $"{f.Label} {f.Value}"));
    }

    /// <summary>The events that <see cref="NoteOf"/> reads.</summary>
    public static readonly string[] OfNotes =
    [
        "organizations.association.activated.v1", "organizations.association.board-renewed.v1", "organizations.association.board-expired.v1", "budget.project.changed.v1", "budget.project.approved.v1", "budget.project.milestone-reached.v1",
        "budget.proposal.evaluated.v1", "budget.proposal.changed.v1", "agenda.event.announced.v1", "agenda.event.cancelled.v1", "agenda.meeting.planned.v1", "agenda.meeting.convened.v1", "agenda.meeting.held.v1",
        "agenda.meeting.cancelled.v1", "agenda.meeting.rescheduled.v1", "agenda.meeting.without-quorum.v1", "distribution.campaign.announced.v1", "distribution.campaign.cancelled.v1", "distribution.campaign.closed.v1",
        "organizations.association.dissolved.v1", "organizations.association.cancelled.v1", "agenda.information-request.received.v1", "agenda.information-request.answered.v1", "agenda.information-request.dismissed.v1", "distribution.delivery-day.scheduled.v1", "distribution.delivery-day.cancelled.v1",
    ];

    private EventData? Last(string type) => newest.LastOrDefault(e => e.Type == type)?.Data;

    private EventData? LastOf(params string[] types) => newest.LastOrDefault(e => types.Contains(e.Type))?.Data;

    private IEnumerable<EventData> All(string type) => newest.Where(e => e.Type == type).Select(e => e.Data);

    private void Add(string label, string value)
    {
        if (value.Length > 0)
            Facts.Add((label, value));
    }

    // What became of it, first: nobody goes to what does not take place.
    private void Became(params (string Type, string Words)[] ends)
    {
        foreach (var (type, words) in ends)
        {
            if (Last(type) is not null)
                Add("Estado", words);
        }
    }

    private void Project()
    {
        if (newest.LastOrDefault(e => e.Type is "budget.project.changed.v1" or "budget.project.approved.v1" or "budget.project.created.v1") is { } state)
            Add("Estado", state.Type switch { "budget.project.changed.v1" => Sentences.State(state.Data.Text("state")), "budget.project.approved.v1" => Sentences.State("dossier-approved"), _ => Sentences.State("idea") });
        Add("La construye", All("budget.project.changed.v1").Select(d => d.Text("contractor")).LastOrDefault(c => c.Length > 0) ?? "");
        Add("Termina, según el plan, el", All("budget.project.changed.v1").Select(d => d.Day("endsOn")).LastOrDefault(c => c.Length > 0) ?? "");
        if (Last("budget.project.milestone-reached.v1") is { } reached)
            Add("Avance de la obra", $"{reached.Number("progress")} %");
        if (Last("budget.project.money-changed.v1") is { } money)
        {
            (string Label, string Member)[] amounts = [("Aprobado", "approved"), ("Comprometido", "committed"), ("Pagado", "paid"), ("Aporte de la comunidad", "contributed")];
            foreach (var (label, member) in amounts)
                Add(label, money.Money(member));
            Blocks.Add(new("money", "El dinero")
            {
                Bars = [.. amounts.Select(a => new Bar(a.Label, money.Amount(a.Member), money.Money(a.Member)))], Most = Math.Max(1, amounts.Max(a => money.Amount(a.Member))),
                Head = ["Qué", "Cuánto"], Rows = [.. amounts.Select(a => (IReadOnlyList<string>)[a.Label, money.Money(a.Member)])],
            });
        }
        else if (Last("budget.project.created.v1") is { } created)
        {
            Add("Asignado", created.Money("granted"));
        }
        AddPieces("milestones", "Lo que se ha hecho", All("budget.project.milestone-reached.v1").Select(d => new Piece(d.Text("milestone"), $"Alcanzado el {d.Day("on")}: la obra lleva {d.Number("progress")} %.", Photo(d))));
        AddPieces("visits", "Visitas del comité contralor", All("budget.project.visited.v1").Select(d => new Piece($"Visita {d.Number("number")}, {d.Day("on")}", d.Text("report"), Photo(d))));
        AddPieces("findings", "Hallazgos", All("budget.project.finding-changed.v1").Select(d => new Piece(
            $"Hallazgo {d.Number("number")}: {Sentences.State(d.Text("state")).ToLowerInvariant()}",
            d.Text("finding") + (d.Has("answer") ? $"\nRespuesta: {d.Text("answer")}" : d.Has("answerDue") ? $"\nSe responde a más tardar el {d.Day("answerDue")}." : ""))));
        if (Last("budget.project.created.v1")?.Text("proposalId") is { Length: > 0 } proposal)
            Links.Add(("La propuesta de la que nació", $"/portal/a/{proposal}"));
        Links.Add(("La obra con sus documentos y sus pagos", $"/v1/budget/public/projects/{id}"));
    }

    private string? Photo(EventData d) => d.Text("photoId") is { Length: > 0 } photo ? $"/v1/budget/public/projects/{id}/photos/{photo}" : null;

    private void AddPieces(string name, string title, IEnumerable<Piece> pieces)
    {
        var all = pieces.ToList();
        if (all.Count > 0)
            Blocks.Add(new(name, title) { Pieces = all });
    }

    private void Proposal()
    {
        if (newest.LastOrDefault(e => e.Type is "budget.proposal.changed.v1" or "budget.proposal.evaluated.v1" or "budget.proposal.submitted.v1") is { } state)
            Add("Estado", Sentences.State(state.Type switch { "budget.proposal.changed.v1" => state.Data.Text("state"), "budget.proposal.evaluated.v1" => state.Data.Is("feasible") ? "feasible" : "not-feasible", _ => "received" }));
        if (Last("budget.proposal.evaluated.v1") is { } evaluated)
            Add("Por qué", evaluated.Text("grounds"));
        if (Last("budget.proposal.submitted.v1") is { } submitted)
        {
            Add("La presentó", submitted.Has("association") ? submitted.Text("association") : "Un grupo de residentes");
            Add("Ayudaría a", submitted.Some("beneficiaries", "persona", "personas"));
            Add("Número en la papeleta", submitted.Number("number"));
        }
    }

    private static readonly Dictionary<string, string> Styles = new() { ["knapsack"] = "hasta donde alcance el dinero de la zona", ["approval"] = "hasta cierto número de propuestas", ["cumulative"] = "repartiendo puntos", ["ranked"] = "en orden de preferencia" };

    private static readonly Dictionary<string, string> Methods = new() { ["greedy"] = "por más votos, mientras alcance el dinero", ["equal-shares"] = "por partes iguales: cada votante tiene la misma parte del dinero" };

    private static readonly Dictionary<string, string> Verdicts = new()
    {
        ["wins"] = "Elegida", ["too-expensive"] = "No alcanzó el dinero", ["below-minimum"] = "Sin los votos mínimos", ["incompatible"] = "No puede hacerse junto con otra elegida", ["limit-reached"] = "Ya se eligió el máximo", ["not-supported"] = "Sin apoyo suficiente",
    };

    private void Cycle()
    {
        if (Last("budget.cycle.opened.v1") is { } opened)
        {
            Add("Hay para elegir", opened.Money("ceiling"));
            Add("Lo acordó el concejo", opened.Agreement("councilReference"));
            var zones = opened.Parts("zones");
            Blocks.Add(new("zones", "El dinero por zona")
            {
                Bars = [.. zones.Select(z => new Bar(z.Text("name"), z.Amount("amount"), z.Money("amount")))], Most = Math.Max(1, zones.Select(z => z.Amount("amount")).DefaultIfEmpty(1).Max()),
                Head = ["Zona", "Lugar", "Dinero"], Rows = [.. zones.Select(z => (IReadOnlyList<string>)[z.Text("name"), z.Text("place"), z.Money("amount")])],
            });
            if (opened.Parts("phases") is { Count: > 0 } phases)
                Blocks.Add(new("phases", "El calendario") { Head = ["Qué", "Desde", "Hasta"], Rows = [.. phases.Select(p => (IReadOnlyList<string>)[Sentences.Phase(p.Text("phase")), p.Day("firstDay"), p.Day("lastDay")])] });
        }
        var rules = LastOf("budget.cycle.opened.v1", "budget.cycle.rules-changed.v1")?.Part("rules");
        if (rules is { } r && r.Text("style").Length > 0)
        {
            Add("Se vota", Styles.GetValueOrDefault(r.Text("style"), r.Text("style")));
            Add("Se decide", Methods.GetValueOrDefault(r.Text("method"), r.Text("method")));
        }
        if (Last("budget.cycle.seed-drawn.v1") is { } drawn)
            Add("Los empates se sortean con", $"{drawn.Text("seed")} ({drawn.Text("source")})");
        if (Last("budget.cycle.ballot-published.v1") is { } ballot && Last("budget.cycle.result-declared.v1") is null)
            Blocks.Add(new("ballot", "La papeleta") { Head = ["No.", "Propuesta", "Costo"], Rows = [.. ballot.Parts("lines").Select(l => (IReadOnlyList<string>)[l.Number("number"), l.Text("name"), l.Money("cost")])] });
        foreach (var result in All("budget.cycle.result-declared.v1").OrderBy(d => d.Amount("zone")))
        {
            var lines = result.Parts("lines");
            foreach (var line in lines.Where(l => l.Is("chosen")))
                Add($"Ganó en {result.Text("zoneName")}", $"{line.Text("name")}, {line.Money("cost")}");
            Blocks.Add(new($"result-{result.Amount("zone"):0}", $"Resultado de {result.Text("zoneName")}, con {result.Some("ballots", "papeleta", "papeletas")}")
            {
                Bars = [.. lines.Select(l => new Bar(l.Text("name"), l.Amount("points"), l.Number("points")))], Most = Math.Max(1, lines.Select(l => l.Amount("points")).DefaultIfEmpty(1).Max()),
                Head = ["No.", "Propuesta", "Costo", "Votos", "Qué pasó"],
                Rows = [.. lines.Select(l => (IReadOnlyList<string>)[l.Number("number"), l.Text("name"), l.Money("cost"), l.Number("points"), Verdicts.GetValueOrDefault(l.Text("verdict"), l.Text("verdict")) + (l.Is("chosen") == (l.Text("verdict") == "wins") ? "" : l.Is("chosen") ? "; el concejo la eligió" : "; el concejo no la eligió")])],
                Pieces = result.Has("overrideReason") ? [new("El concejo decidió otra cosa", result.Text("overrideReason"))] : [],
            });
        }
        Links.Add(("Las papeletas y las actas, para contar de nuevo", $"/v1/budget/public/cycles/{id}"));
    }

    private void Campaign()
    {
        Became(("distribution.campaign.cancelled.v1", "Se canceló"), ("distribution.campaign.closed.v1", "Terminó"));
        if (Last("distribution.campaign.announced.v1") is { } announced)
        {
            Add("De quién", announced.Text("owner"));
            Add("Cuándo", $"Del {announced.Day("firstDay")} al {announced.Day("lastDay")}");
            Blocks.Add(new("packages", "Qué se entrega") { Head = ["Paquete", "Contiene", "Para"], Rows = [.. announced.Parts("packages").Select(p => (IReadOnlyList<string>)[p.Text("name"), p.Text("contents"), p.Some("people", "persona", "personas")])] });
            Blocks.Add(new("centres", "Dónde") { Head = ["Centro", "Lugar"], Rows = [.. announced.Parts("centres").Select(c => (IReadOnlyList<string>)[c.Text("name"), c.Part("place").Text("path")])] });
            if (Last("distribution.campaign.cancelled.v1") is null)
                Add("Qué llevar", "Su DUI, y el comprobante de cita si lo tiene. Solo recibe quien está en la lista de quien da el paquete.");
        }
        var totals = Last("distribution.campaign.closed.v1")?.Parts("packages") ?? [];
        // Until everything is closed, what the centres have closed.
        var centres = All("distribution.campaign.centre-closed.v1").SelectMany(c => c.Parts("packages")).GroupBy(p => p.Text("package"))
            .Select(g => (Package: g.Key, Programmed: g.Sum(p => p.Amount("programmed")), Delivered: g.Sum(p => p.Amount("delivered")), Partly: g.Sum(p => p.Amount("partly")), Not: g.Sum(p => p.Amount("notCollected") + p.Amount("notSummoned")))).ToList();
        if (totals.Count > 0)
            centres = [.. totals.Select(p => (p.Text("package"), p.Amount("programmed"), p.Amount("delivered"), p.Amount("partly"), p.Amount("notCollected") + p.Amount("notSummoned")))];
        if (centres.Count > 0)
        {
            Blocks.Add(new("totals", totals.Count > 0 ? "Cuánto se entregó" : "Cuánto entregaron los centros que ya cerraron")
            {
                Bars = [.. centres.Select(p => new Bar(p.Package, p.Delivered, $"{p.Delivered:#,##0} de {p.Programmed:#,##0}"))], Most = Math.Max(1, centres.Max(p => p.Programmed)),
                Head = ["Paquete", "Programados", "Entregados", "En parte", "Sin entregar"],
                Rows = [.. centres.Select(p => (IReadOnlyList<string>)[p.Package, $"{p.Programmed:#,##0}", $"{p.Delivered:#,##0}", $"{p.Partly:#,##0}", $"{p.Not:#,##0}"])],
            });
        }
    }

    private static readonly string[] Months = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];

    private void Plan()
    {
        if (Last("agenda.plan.approved.v1") is { } approved)
            Add("Lo aprobó el concejo", approved.Agreement("councilReference"));
        var activities = newest.Where(e => e.Type is "agenda.plan.activity-progressed.v1" or "agenda.plan.activity-recounted.v1").Select(e => e.Data).GroupBy(d => d.Amount("activityNumber")).OrderBy(g => g.Key).Select(g => g.Last()).ToList();
        // The plan itself, with what was done of each activity.
        if (LastOf("agenda.plan.approved.v1", "agenda.plan.modified.v1")?.Parts("lines") is { Count: > 0 } lines)
        {
            var done = activities.ToDictionary(a => a.Number("activityNumber"));
            decimal Done(EventData line) => done.TryGetValue(line.Number("number"), out var a) ? a.Amount("executed") : 0;
            var withTarget = lines.Where(l => l.Amount("target") > 0).ToList();
            Blocks.Add(new("activities", "Lo que se propuso, y lo que lleva hecho")
            {
                Bars = [.. withTarget.Select(l => new Bar($"{l.Number("number")}. {l.Text("text")}", Math.Min(100, Math.Round(100 * Done(l) / l.Amount("target"), 1)), $"{Done(l):#,##0.##} de {l.Number("target")}"))],
                Head = ["No.", "Actividad", "Meta del año", "Hecho", "Meses"],
                Rows = [.. lines.Select(l => (IReadOnlyList<string>)[l.Number("number"), l.Text("text"), l.Has("target") ? $"{l.Number("target")} {l.Text("unitOfMeasure")}".Trim() : "Sin meta escrita", $"{Done(l):#,##0.##}", string.Join(", ", l.Numbers("months").Select(m => Months[(int)m - 1]))])],
            });
        }
        else if (activities.Count > 0)
        {
            Blocks.Add(new("activities", "Lo que lleva hecho cada actividad")
            {
                Bars = [.. activities.Select(a => new Bar($"{a.Number("activityNumber")}. {a.Text("activity")}", a.Amount("executed"), a.Number("executed")))], Most = Math.Max(1, activities.Max(a => a.Amount("executed"))),
                Head = ["No.", "Actividad", "Hecho", "Pruebas"], Rows = [.. activities.Select(a => (IReadOnlyList<string>)[a.Number("activityNumber"), a.Text("activity"), a.Number("executed"), a.Number("evidenceCount")])],
            });
        }
        var quarters = All("agenda.plan.quarter-reported.v1").OrderBy(q => q.Amount("quarter")).ToList();
        if (quarters.Count > 0)
        {
            Blocks.Add(new("quarters", "Cumplimiento por trimestre")
            {
                Bars = [.. quarters.Select(q => new Bar($"Trimestre {q.Number("quarter")}", q.Has("percent") ? q.Amount("percent") : null, q.Has("percent") ? $"{q.Number("percent")} %" : "sin nada programado"))],
                Head = ["Trimestre", "Cumplido", "Se informó al concejo"], Rows = [.. quarters.Select(q => (IReadOnlyList<string>)[q.Number("quarter"), q.Has("percent") ? $"{q.Number("percent")} %" : "No aplica", q.Day("presentedOn")])],
            });
        }
    }

    private void Association()
    {
        Became(("organizations.association.dissolved.v1", "Se disolvió"), ("organizations.association.cancelled.v1", "Se canceló su personería"));
        // A board is elected anew every two years, some weeks before its term.
        var boards = newest.Where(e => e.Type is "organizations.association.activated.v1" or "organizations.association.board-renewed.v1" or "organizations.association.board-expired.v1").ToList();
        if (boards is [.., var board])
            Add("Junta directiva", board.Data.Has("expiredOn") ? $"vencida el {board.Data.Day("expiredOn")}" : board.Data.Has("boardUntil") ? $"del {board.Data.Day("boardFrom")} al {board.Data.Day("boardUntil")}" : $"del {board.Data.Day("from")} al {board.Data.Day("until")}");
        if (Last("organizations.association.recognized.v1") is { } recognized)
            Add("Personería desde el", recognized.Day("recognizedOn"));
        if (Last("organizations.association.registered.v1") is { } registered)
            Add("Registro", $"Libro {registered.Number("book")}, asiento {registered.Number("entry")}, folio {registered.Number("folio")}");
        Links.Add(("Suscribirse a su calendario", $"/v1/agenda/public/calendar/bodies/{id}.ics"));
    }

    private void Committee()
    {
        if (Last("organizations.committee.formed.v1") is { } formed)
        {
            Add("Se formó el", formed.Day("formedOn"));
            Add("Integrantes", formed.Number("members"));
        }
        if (Last("organizations.committee.dissolved.v1") is { } dissolved)
            Add("Terminó el", dissolved.Day("dissolvedOn"));
        Links.Add(("Suscribirse a su calendario", $"/v1/agenda/public/calendar/bodies/{id}.ics"));
    }

    private void Meeting()
    {
        Became(("agenda.meeting.cancelled.v1", "Se canceló"), ("agenda.meeting.rescheduled.v1", "Cambió de fecha: se avisa con otra convocatoria"), ("agenda.meeting.held.v1", "Se celebró"), ("agenda.meeting.without-quorum.v1", "No hubo quórum"));
        if (newest.LastOrDefault(e => e.Type.StartsWith("agenda.meeting.", StringComparison.Ordinal))?.Data is { } meeting)
        {
            Add("Cuándo", meeting.Moment("startsAt"));
            Add("Dónde", meeting.Text("venue"));
            Add("Se reúne", meeting.Text("bodyName"));
        }
        if (Last("agenda.meeting.held.v1") is { } held)
            Add("Asistencia", $"{held.Number("attendance")} de {held.Number("members")}; el quórum era de {held.Number("quorum")}, en {(held.Amount("call") == 1 ? "primera" : "segunda")} convocatoria");
        var followed = All("agenda.meeting.agreement-followed.v1").ToDictionary(d => d.Number("number"), d => Sentences.State(d.Text("state")));
        foreach (var act in All("agenda.meeting.minutes-published.v1").OrderBy(d => d.Amount("number")))
        {
            if (act.Has("correction"))
                Blocks.Add(new($"minutes-{act.Amount("number"):0}", $"Acta No. {act.Number("number")}, que corrige la No. {act.Number("corrects")}") { Pieces = [new("Corrección", act.Text("correction"))] });
            else if (act.Parts("points").Count > 0)
                Blocks.Add(new($"minutes-{act.Amount("number"):0}", $"Acta No. {act.Number("number")}, versión pública") { Pieces = [.. act.Parts("points").Select(p => new Piece(p.Text("point"), p.Text("development")))] });
            if (act.Parts("agreements") is { Count: > 0 } agreements)
                Blocks.Add(new($"agreements-{act.Amount("number"):0}", "Acuerdos") { Head = ["No.", "Acuerdo", "Plazo", "Estado"], Rows = [.. agreements.Select(a => (IReadOnlyList<string>)[a.Number("number"), a.Text("text"), a.Day("dueOn"), followed.GetValueOrDefault(a.Number("number"), "Pendiente")])] });
            Links.Add(($"Acta No. {act.Number("number")} para imprimir", $"/v1/agenda/public/meetings/{id}/minutes/{act.Number("number")}"));
        }
    }

    private void Series()
    {
        if (Last("agenda.series.scheduled.v1") is not { } scheduled)
            return;
        Add("Se reúne", scheduled.Text("bodyName"));
        Add("Dónde", LastOf("agenda.series.scheduled.v1", "agenda.series.occurrence-decided.v1")?.Text("venue") ?? "");
        // Of a date counts what was decided after the series was last put on the calendar.
        var version = newest.Last(e => e.Type == "agenda.series.scheduled.v1").Version;
        var decided = newest.Where(e => e.Type == "agenda.series.occurrence-decided.v1" && e.Version > version).ToDictionary(e => e.Data.Text("originalDate"), e => e.Data);
        var waiting = scheduled.Texts("holidayCollisions").ToHashSet();
        // Older events say no hour.
        var dates = scheduled.Parts("occurrences") is { Count: > 0 } occurrences ? [.. occurrences.Select(o => (Original: o.Text("originalDate"), Shown: o.Moment("startsAt")))] : scheduled.Texts("dates").Select(d => (Original: d, Shown: EventData.DayOf(d))).ToList();
        Blocks.Add(new("dates", "Sus fechas")
        {
            Head = ["Fecha", "Qué hay que saber"],
            Rows = [.. dates.Select(date => (IReadOnlyList<string>)[date.Shown, decided.TryGetValue(date.Original, out var d) ? d.Is("cancelled") ? "No se hará" : $"Será el {(d.Has("startsAt") ? d.Moment("startsAt") : d.Day("date"))}" : waiting.Contains(date.Original) ? "Cae en asueto: se decidirá" : ""])],
        });
    }

    private void Event()
    {
        Became(("agenda.event.cancelled.v1", "Se canceló"), ("agenda.event.held.v1", "Se realizó"));
        if (LastOf("agenda.event.announced.v1", "agenda.event.held.v1", "agenda.event.cancelled.v1") is not { } announced)
            return;
        Add("Cuándo", announced.Moment("startsAt"));
        Add("Dónde", announced.Text("venue"));
        Add("Organiza", announced.Text("organiser"));
        AddPieces("about", "De qué se trata", announced.Text("promotion") is { Length: > 0 } words ? [new("", words)] : []);
        if (Last("agenda.event.held.v1") is { } held)
            AddPieces("results", "Resultados", [new($"{held.Some("attendance", "asistente", "asistentes")}", held.Text("results"))]);
    }

    private void DeliveryDay()
    {
        Became(("distribution.delivery-day.cancelled.v1", "Se canceló"), ("distribution.delivery-day.closed.v1", "Ya pasó"));
        if (LastOf("distribution.delivery-day.scheduled.v1", "distribution.delivery-day.cancelled.v1", "distribution.delivery-day.closed.v1") is not { } day)
            return;
        Add("Cuándo", $"{day.Day("date")}, de {Sentences.Hour(day.Text("opens"))} a {Sentences.Hour(day.Text("closes"))}");
        Add("Centro", day.Text("centre"));
        if (Last("distribution.delivery-day.cancelled.v1") is null)
            Add("Qué llevar", "Su DUI, y el comprobante de cita si lo tiene.");
        if (Last("distribution.delivery-day.closed.v1") is { } closed)
            Add("Se entregó", closed.Some("delivered", "paquete", "paquetes"));
    }

    private void Edition()
    {
        if (Last("agenda.wall-newspaper.approved.v1") is { } approved)
        {
            Add("Aprobada el", approved.Day("approvedOn"));
            foreach (var section in NewspaperPiece.BySection(PiecesOf(approved)))
                Blocks.Add(new($"section-{section.First().Section}", section.Key) { Pieces = [.. section.Select(p => new Piece(p.Title, p.Text))] });
            Links.Add(("Imprimir en carta", $"/portal/periodico-mural/{id}/imprimir?papel=carta"));
            Links.Add(("Imprimir en A3", $"/portal/periodico-mural/{id}/imprimir?papel=a3"));
        }
        var down = All("agenda.wall-newspaper.taken-down.v1").ToDictionary(d => d.Text("postingId"), d => d.Day("takenDownOn"));
        var hung = All("agenda.wall-newspaper.posted.v1").ToList();
        if (hung.Count > 0)
            Blocks.Add(new("postings", "Dónde se colocó") { Head = ["Lugar", "Desde", "Hasta"], Rows = [.. hung.Select(d => (IReadOnlyList<string>)[d.Part("place").Text("path"), d.Day("postedOn"), down.GetValueOrDefault(d.Text("postingId"), "Sigue ahí")])] });
    }

    /// <summary>What an approved edition says.</summary>
    public static IReadOnlyList<NewspaperPiece> PiecesOf(EventData approved) =>
        [.. approved.Parts("items").Select(i => new NewspaperPiece(i.Text("section"), i.Text("title"), i.Text("text"), Guid.TryParse(i.Text("about"), out var about) ? about : null))];

    private void Question()
    {
        if (newest is not [.., var told])
            return;
        Add("Solicitud", told.Data.Text("number"));
        Add("Se pidió el", told.Data.Day("receivedOn"));
        if (Last("agenda.information-request.answered.v1") is { } answered)
        {
            Add("Se respondió el", answered.Day("answeredOn"));
            AddPieces("question", "Pregunta", [new("", answered.Text("question"))]);
            AddPieces("answer", "Respuesta", [new("", answered.Text("answer"))]);
        }
        else if (Last("agenda.information-request.dismissed.v1") is not null)
        {
            Add("Estado", "No pedía información, y se cerró");
        }
        else
        {
            Add("Plazo para responder", told.Data.Day("answerDue"));
        }
    }
}
