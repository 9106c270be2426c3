using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace ProyeccionSocial.Local.Demo;

/// <summary>
/// Loads a made-up municipality and the plan of 2017 through the gateway, as another municipal system would: nothing
/// here knows a database or a queue.
/// </summary>
internal sealed class Demo
{
    private static readonly string[] Given =
    [
        "Ana Lucía", "Blanca Estela", "Carlos Ernesto", "Dora Alicia", "Elmer Antonio", "Fátima Beatriz", "Gloria Marina", "Héctor Manuel", "Irma Yolanda",
        "José Rutilio", "Karla Noemí", "Luis Alonso", "María Dolores", "Nelson Armando", "Olga Marisol", "Pedro Joaquín", "Reina Isabel", "Santos Efraín",
        "Teresa de Jesús", "Víctor Hugo", "Wendy Carolina", "Ximena Abigail", "Yesenia Guadalupe", "Zoila Esperanza", "Óscar René", "Rosa Delmy",
    ];

    private static readonly string[] Posts = ["president", "vice-president", "secretary", "treasurer", "syndic", "member-1", "member-2"];

    private static readonly string[] StatutesTopics =
    [
        "name", "democratic-character", "domicile", "territory", "object", "administration", "organs-and-powers", "quorum", "rights-and-duties",
        "control", "internal-audit", "amendment",
    ];

    private static readonly string[] Amounts = ["Prog.", "Hecho", "%"];

    /// <summary>In El Salvador, whatever clock the machine keeps.</summary>
    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));

    private readonly GatewayClient _api;

    private Demo(GatewayClient api) => _api = api;

    /// <param name="gateway">Base address of the gateway.</param>
    /// <param name="token">Bearer token with the roles and scopes that the loading needs.</param>
    /// <param name="tokenCommand">What to type for a token of one's own.</param>
    /// <param name="console">Where the progress is shown.</param>
    /// <param name="cancellation">The operator stops the system.</param>
    public static async Task RunAsync(Uri gateway, string token, string tokenCommand, IAnsiConsole console, CancellationToken cancellation)
    {
        using var api = new GatewayClient(gateway, token, cancellation);
        if ((await api.GetAsync("/v1/agenda/plans?year=2017"))["items"]!.AsArray() is [{ } known, ..])
        {
            var plan = await api.GetAsync($"/v1/agenda/plans/{known["id"]}");
            console.WriteLine(IsLoaded(plan)
                ? "La demostración ya estaba cargada; los datos se conservan entre arranques."
                : "La demostración quedó a medias la vez anterior. Para cargarla completa: --reset --demo.");
        }
        else
        {
            var demo = new Demo(api);
            if (console.Profile.Capabilities.Interactive)
                await console.Progress().Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
                    .StartAsync(progress => demo.LoadAsync(new ShownProgress(progress.AddTask("Municipio de San Ensayo"))));
            else
                await demo.LoadAsync(new WrittenProgress(console));
        }
        await ShowAsync(api, gateway, tokenCommand, console);
    }

    private async Task LoadAsync(IProgress<(double Share, string Step)> progress)
    {
        progress.Report((0.02, "Lugares: departamento, municipio, cantones y caseríos"));
        var import = await _api.PostAsync("/v1/organizations/places/imports", new StringContent(Embedded("lugares.csv"), Encoding.UTF8, "text/csv"));
        await _api.UntilAsync($"/v1/organizations/places/imports/{import["id"]}", job => job["state"]!.ToString() is "completed");
        var hamlet = (await _api.GetAsync("/v1/organizations/places?code=99-01-01-01&on=2017-01-01"))["items"]![0]!["id"]!.ToString();

        progress.Report((0.08, "Plan operativo 2017, desde el documento de la unidad"));
        var plan = await _api.PostAsync("/v1/agenda/plans/imports", new StringContent(Embedded("plan-operativo-2017.txt"), Encoding.UTF8, "text/plain"));
        await CountAsEvidenceAsync(plan, 2, "meeting-held", "association");
        await CountAsEvidenceAsync(plan, 3, "committee-formed", "youth");
        await ApproveAsync(plan);

        progress.Report((0.15, "Comité de prevención: primer jueves de cada mes de 2017"));
        await ScheduleThursdaysAsync();

        var residents = new List<string>();
        for (var i = 0; i < 32; i++)
        {
            progress.Report((0.2 + 0.4 * i / 32, $"Residentes del caserío ({i + 1} de 32)"));
            residents.Add(await RegisterAsync(i, hamlet));
        }
        var (adults, youths) = (residents[..26], residents[26..]);

        progress.Report((0.62, "Asociación comunal: de la formación a la personería"));
        var association = await RecognizeAsync(hamlet, adults, progress);

        progress.Report((0.8, "Comité de jóvenes del caserío"));
        await _api.PostAsync("/v1/organizations/committees", new JsonObject
        {
            ["kind"] = "youth", ["name"] = "Comité de Jóvenes El Ejemplo", ["placeId"] = hamlet, ["formedOn"] = "2017-04-08", ["minutesNumber"] = 3,
            ["members"] = Array(youths.Select((id, i) => new JsonObject { ["post"] = i == 0 ? "coordinator" : "member", ["personId"] = id })),
        });

        progress.Report((0.86, "Asamblea con la asociación, conocida en la agenda solo por sus eventos"));
        await HoldAssemblyAsync(association, adults[..18]);

        progress.Report((0.92, "Torneo de fútbol, anunciado en la agenda pública"));
        await AnnounceTournamentAsync();

        progress.Report((0.94, "Presupuesto participativo: los caseríos proponen"));
        await OpenBudgetAsync(association, hamlet);

        progress.Report((0.95, "Una campaña de paquetes agrícolas, con su padrón y sus turnos"));
        await OpenCampaignAsync(hamlet);

        progress.Report((0.96, "Los lugares en el mapa, una pregunta de una vecina, y el periódico mural del mes"));
        await LocateAsync();
        await _api.PostAsync("/v1/agenda/public/information-requests", new JsonObject { ["question"] = "¿Cuándo se arregla el puente de El Ejemplo, y cuánto cuesta?" });
        await _api.PostAsync("/v1/agenda/editions", new JsonObject { ["month"] = $"{Today:yyyy-MM}-01", ["issuedAt"] = "San Ensayo, Departamento de Prueba" });

        progress.Report((0.97, "Avance del plan"));
        await _api.UntilAsync($"/v1/agenda/plans/{plan["id"]}", IsLoaded);
        progress.Report((1, "Listo"));
    }

    /// <summary>The assembly and the youth committee, the last steps, count as evidence.</summary>
    private static bool IsLoaded(JsonNode plan) => plan["activities"]!.AsArray().Count(a => a!["evidenceCount"]!.GetValue<int>() > 0) >= 2;

    private async Task CountAsEvidenceAsync(JsonNode plan, int activity, string fact, string bodyKind) =>
        await _api.ChangeAsync(HttpMethod.Put, $"/v1/agenda/plans/{plan["id"]}/activities/{activity}/evidence-rules", $"/v1/agenda/plans/{plan["id"]}",
            new JsonObject { ["rules"] = Array([new JsonObject { ["fact"] = fact, ["bodyKind"] = bodyKind }]) });

    private async Task ApproveAsync(JsonNode plan)
    {
        var path = $"/v1/agenda/plans/{plan["id"]}";
        await _api.ChangeAsync(HttpMethod.Post, $"{path}/submission", path, []);
        await _api.ChangeAsync(HttpMethod.Post, $"{path}/approval", path, new JsonObject
        {
            ["agreement"] = new JsonObject { ["minutesNumber"] = 45, ["agreementNumber"] = 6, ["date"] = "2016-12-20" },
        });
        await _api.ChangeAsync(HttpMethod.Post, $"{path}/execution", path, new JsonObject { ["startedOn"] = "2017-01-03" });
    }

    private async Task LocateAsync()
    {
        foreach (var (code, latitude, longitude) in new[] { ("99-01-01-01", 13.7012m, -89.2243m), ("99-01-01-02", 13.7150m, -89.2101m), ("99-01-02-01", 13.6820m, -89.2405m), ("99-01-03", 13.6955m, -89.1988m) })
        {
            var place = (await _api.GetAsync($"/v1/organizations/places?code={code}&on=2017-01-01"))["items"]![0]!["id"];
            await _api.PutAsync($"/v1/organizations/places/{place}/location", new JsonObject { ["latitude"] = latitude, ["longitude"] = longitude });
        }
    }

    private async Task AnnounceTournamentAsync()
    {
        var saturday = Today.AddDays(7 + (6 - (int)Today.DayOfWeek));
        var tournament = await _api.PostAsync("/v1/agenda/events", new JsonObject
        {
            ["kind"] = "sports", ["title"] = "Torneo relámpago de fútbol", ["promotion"] = "Venga a jugar y a ver jugar: ocho equipos, entrada libre.",
            ["startsAt"] = $"{saturday:yyyy-MM-dd}T08:00:00", ["endsAt"] = $"{saturday:yyyy-MM-dd}T16:00:00", ["venue"] = "Cancha El Ejemplo",
            ["organiser"] = "Unidad de Proyección Social", ["partners"] = Array([JsonValue.Create("Comité de Jóvenes El Ejemplo")]), ["capacity"] = 120,
        });
        await _api.ChangeAsync(HttpMethod.Post, $"/v1/agenda/events/{tournament["id"]}/announcement", $"/v1/agenda/events/{tournament["id"]}", []);
    }

    /// <summary>Next year's cycle, today in its phase of proposals: one of the association, one of residents with their signatures.</summary>
    private async Task OpenBudgetAsync(string association, string hamlet)
    {
        int[] lastDays = [-15, 15, 45, 60, 90, 455];
        string[] phases = ["preparation", "proposals", "assessment", "voting", "approval", "execution"];
        var cycle = await _api.PostAsync("/v1/budget/cycles", new JsonObject
        {
            ["fiscalYear"] = Today.Year + 1, ["title"] = $"Presupuesto de inversión participativo {Today.Year + 1}", ["ceiling"] = 60_000,
            ["sources"] = Array([new JsonObject { ["name"] = "Fondos propios", ["amount"] = 60_000 }]),
            ["formula"] = new JsonObject { ["equally"] = 40, ["byPopulation"] = 40, ["byNeed"] = 20 },
            ["zones"] = Array(
            [
                new JsonObject { ["name"] = "Zona de Las Muestras", ["place"] = "Cantón Las Muestras, San Ensayo", ["population"] = 1850, ["need"] = 46.5 },
                new JsonObject { ["name"] = "Zona de El Simulacro", ["place"] = "Cantón El Simulacro, San Ensayo", ["population"] = 1240, ["need"] = 51.2 },
            ]),
            ["phases"] = Array(phases.Select((phase, i) => new JsonObject
            {
                ["phase"] = phase, ["firstDay"] = Iso(Today.AddDays(i == 0 ? -60 : lastDays[i - 1] + 1)), ["lastDay"] = Iso(Today.AddDays(lastDays[i])),
            })),
            ["rules"] = new JsonObject
            {
                ["style"] = "approval", ["method"] = "equal-shares", ["mostMarks"] = 3, ["minimumPoints"] = 10, ["tieBreaks"] = Array([JsonValue.Create("lower-cost")]),
                ["seedSource"] = "Primer premio del sorteo de la lotería que siga al cierre de la votación",
            },
            ["assessment"] = new JsonObject
            {
                ["criteria"] = Array(
                [
                    Criterion("Factibilidad técnica", "technical", 30), Criterion("Personas beneficiadas", "social", 40),
                    Criterion("Impacto ambiental", "environmental", 15), Criterion("Situación del terreno", "legal", 15),
                ]),
                ["checklist"] = Array([new JsonObject { ["text"] = "La comunidad lo acordó en asamblea", ["required"] = true, ["paper"] = false }]),
                ["minimumSignatures"] = 3,
            },
        });
        var path = $"/v1/budget/cycles/{cycle["id"]}";
        await _api.ChangeAsync(HttpMethod.Post, $"{path}/opening", path, new JsonObject
        {
            ["agreement"] = new JsonObject { ["minutesNumber"] = 31, ["agreementNumber"] = 4, ["date"] = Iso(Today) },
        });
        await SubmitAsync("Agua potable para El Ejemplo", "Cuarenta familias acarrean agua desde la quebrada.", "Perforar un pozo y tender 800 metros de tubería.", association, 0);
        await SubmitAsync("Techo para la casa comunal", "Cuando llueve, la casa comunal no se puede usar.", "Cambiar la lámina y las vigas dañadas.", null, 3);

        async Task SubmitAsync(string title, string problem, string description, string? presentedBy, int signatures)
        {
            var proposal = await _api.PostAsync($"{path}/proposals", new JsonObject
            {
                ["zone"] = 1, ["title"] = title, ["problem"] = problem, ["description"] = description, ["beneficiaries"] = 210,
                ["place"] = new JsonObject { ["id"] = hamlet, ["kind"] = "hamlet", ["name"] = "Caserío El Ejemplo", ["path"] = "Caserío El Ejemplo, Cantón Las Muestras, San Ensayo" },
                ["associationId"] = presentedBy, ["confirmed"] = Array([JsonValue.Create(1)]),
            });
            for (var i = 0; i < signatures; i++)
                await _api.PostAsync($"/v1/budget/proposals/{proposal["id"]}/signatures", new JsonObject { ["dui"] = DuiOf(i) });
            await _api.UntilAsync($"/v1/budget/proposals/{proposal["id"]}", p => p["missing"]!.AsArray().Count == 0); // The association is known by event.
            await _api.ChangeAsync(HttpMethod.Post, $"/v1/budget/proposals/{proposal["id"]}/submission", $"/v1/budget/proposals/{proposal["id"]}", []);
        }

        static JsonObject Criterion(string name, string aspect, int weight) => new() { ["name"] = name, ["aspect"] = aspect, ["weight"] = weight };
    }

    private async Task OpenCampaignAsync(string hamlet)
    {
        var campaign = await _api.PostAsync("/v1/distribution/campaigns", new JsonObject
        {
            ["name"] = $"Paquete agrícola {Today.Year}", ["owner"] = "ministry", ["ownerName"] = "Ministerio de Agricultura y Ganadería", ["season"] = $"Mayo de {Today.Year}",
            ["firstDay"] = Iso(Today), ["lastDay"] = Iso(Today.AddDays(45)), ["rules"] = new JsonObject { ["deputies"] = true },
            ["articles"] = Array([new JsonObject { ["name"] = "Semilla de maíz certificada", ["unit"] = "lb" }, new JsonObject { ["name"] = "Fertilizante", ["unit"] = "lb" }]),
            ["packages"] = Array([new JsonObject { ["code"] = "maiz", ["name"] = "Paquete de maíz", ["components"] = Array([Component(1, 22), Component(2, 100)]) }]),
            ["centres"] = Array([new JsonObject
            {
                ["name"] = "Casa comunal El Ejemplo", ["staff"] = Array([JsonValue.Create("local-promoter")]),
                ["place"] = new JsonObject { ["id"] = hamlet, ["kind"] = "hamlet", ["name"] = "Caserío El Ejemplo", ["path"] = "Caserío El Ejemplo, Cantón Las Muestras, San Ensayo" },
            }]),
        });
        var path = $"/v1/distribution/campaigns/{campaign["id"]}";
        var roster = new StringBuilder("dui;nombres;apellidos;fecha de nacimiento;sexo;distrito;cantón;caserío;paquetes\n");
        for (var i = 0; i < Given.Length; i++)
            roster.Append(CultureInfo.InvariantCulture, $"{DuiOf(i)};{Given[i]};Prueba Ficticia;{1950 + 2 * i}-0{1 + i % 9}-15;{(i % 2 == 0 ? 'F' : 'M')};San Ensayo;Las Muestras;El Ejemplo;maiz\n");
        var import = await _api.PostAsync($"{path}/roster/imports", new StringContent(roster.ToString(), Encoding.UTF8, "text/csv"));
        await _api.UntilAsync($"{path}/roster/imports/{import["id"]}", job => job["state"]!.ToString() is "completed");
        foreach (var (article, quantity) in new[] { (1, 22 * Given.Length), (2, 100 * Given.Length) })
        {
            var lot = await _api.PostAsync($"{path}/lots", new JsonObject { ["article"] = article, ["code"] = $"L-{article}", ["supplier"] = "Semillas Inventadas, S.A.", ["expiresOn"] = Iso(Today.AddDays(300)) });
            await _api.PostAsync($"{path}/stock/receipts", new JsonObject { ["centre"] = 1, ["lot"] = lot["number"]!.DeepClone(), ["quantity"] = quantity, ["document"] = "Nota de remisión 1", ["on"] = Iso(Today) });
        }
        await _api.ChangeAsync(HttpMethod.Post, $"{path}/approval", path, []);
        var ids = (await _api.GetAsync($"{path}/coverage?limit=200"))["items"]!.AsArray().Where(h => h!["listed"]!.GetValue<int>() > 0).Select(h => h!["hamletId"]!.DeepClone());
        await _api.ChangeAsync(HttpMethod.Put, $"{path}/centres/1/hamlets", path, new JsonObject { ["hamletIds"] = Array(ids) });
        await _api.PostAsync($"{path}/centres/1/days", new JsonObject { ["date"] = Iso(Today.AddDays(7)), ["opens"] = "07:00:00", ["closes"] = "11:00:00", ["perHour"] = 8 });
        await _api.PostAsync($"{path}/centres/1/summonses", []);

        static JsonObject Component(int article, int quantity) => new() { ["article"] = article, ["quantity"] = quantity };
    }

    private async Task ScheduleThursdaysAsync()
    {
        var series = await _api.PostAsync("/v1/agenda/series", new JsonObject
        {
            ["title"] = "Reunión mensual del comité de prevención y seguridad ciudadana", ["rule"] = "FREQ=MONTHLY;BYDAY=1TH",
            ["firstDay"] = "2017-01-01", ["lastDay"] = "2017-12-31", ["starts"] = "09:00:00", ["venue"] = "Sala del concejo",
        });
        foreach (var occurrence in series["occurrences"]!.AsArray().Where(o => o!["state"]!.ToString() == "needs-decision").ToArray())
        {
            var date = DateOnly.ParseExact(occurrence!["originalDate"]!.ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture);
            await _api.ChangeAsync(HttpMethod.Post, $"/v1/agenda/series/{series["id"]}/occurrences/{date:yyyy-MM-dd}/decision", $"/v1/agenda/series/{series["id"]}",
                new JsonObject { ["action"] = "move", ["date"] = Iso(date.AddDays(7)), ["reason"] = $"Asueto: {occurrence["holiday"]}" });
        }
    }

    private async Task<string> RegisterAsync(int index, string place)
    {
        var isYouth = index >= 26;
        var person = await _api.PostAsync("/v1/organizations/people", new JsonObject
        {
            ["givenNames"] = Given[index % Given.Length],
            ["surnames"] = isYouth ? "Joven Ficticio" : "Prueba Ficticia",
            ["birthDate"] = Iso(new DateOnly(isYouth ? 1997 : 1960 + index, 1 + index % 12, 1 + index % 27)),
            ["sex"] = index % 2 == 0 ? "female" : "male",
            ["dui"] = DuiOf(index),
            ["placeId"] = place,
        });
        return person["id"]!.ToString();
    }

    private async Task<string> RecognizeAsync(string hamlet, List<string> members, IProgress<(double, string)> progress)
    {
        var association = await _api.PostAsync("/v1/organizations/associations", new JsonObject
        {
            ["name"] = "ADESCO El Ejemplo", ["placeId"] = hamlet, ["formedOn"] = "2017-01-10", ["memberIds"] = Array(members.Select(m => JsonValue.Create(m))),
        });
        var path = $"/v1/organizations/associations/{association["id"]}";
        await StepAsync("constitution", "Asamblea de constitución con 26 miembros", new JsonObject
        {
            ["assemblyDate"] = "2017-01-28", ["minutesNumber"] = 1, ["convenedForIt"] = true, ["presidedBy"] = "Delegado del alcalde",
            ["statutesTopics"] = Array(StatutesTopics.Select(t => JsonValue.Create(t))),
            ["board"] = Array(Posts.Select((post, i) => new JsonObject { ["post"] = post, ["personId"] = members[i] })),
        });
        await StepAsync("application", "Solicitud de personería, con recibo", new JsonObject
        {
            ["filedOn"] = "2017-02-01", ["constitutionMinutes"] = true, ["statutes"] = true, ["memberRoll"] = true,
        });
        await StepAsync("observation", "Observación dentro del plazo", new JsonObject { ["notifiedOn"] = "2017-02-08", ["defects"] = "Falta la firma de una hoja de la nómina." });
        await StepAsync("correction", "Subsanación, con recibo", new JsonObject { ["correctedOn"] = "2017-02-15" });
        await StepAsync("resolution", "Acuerdo municipal", new JsonObject
        {
            ["agreement"] = new JsonObject { ["minutesNumber"] = 8, ["agreementNumber"] = 12, ["date"] = "2017-02-24" },
        });
        await StepAsync("registration", "Inscripción en el libro", new JsonObject { ["book"] = 1, ["registeredOn"] = "2017-03-01" });
        await StepAsync("publication", "Publicación en el Diario Oficial", new JsonObject { ["gazetteNumber"] = 52, ["gazetteVolume"] = 414, ["publishedOn"] = "2017-03-15" });
        await StepAsync("credential", "Credencial de la junta directiva", new JsonObject { ["issuedOn"] = "2017-03-20" });
        await ElectUntilTodayAsync();
        return association["id"]!.ToString();

        // A new board every two years, of other people each time, reported to the council; the last one has its credential.
        async Task ElectUntilTodayAsync()
        {
            var firstDay = new DateOnly(2019, 1, 28);
            for (var other = true; firstDay <= Today; firstDay = firstDay.AddMonths(24), other = !other)
            {
                var board = Posts.Select((post, i) => new JsonObject { ["post"] = post, ["personId"] = members[i + (other ? Posts.Length : 0)] });
                await StepAsync("elections", $"Elección de junta directiva, {firstDay.Year}", new JsonObject
                {
                    ["heldOn"] = Iso(firstDay.AddDays(-14)), ["call"] = 1, ["attendees"] = 20, ["firstDay"] = Iso(firstDay), ["board"] = Array(board),
                });
                await StepAsync("board/report", "Informe de la nueva junta al concejo", new JsonObject { ["reportedOn"] = Iso(firstDay.AddDays(-10)) });
            }
            await StepAsync("credential", "Credencial de la junta en funciones", new JsonObject { ["issuedOn"] = Iso(firstDay.AddMonths(-24)) });
        }

        async Task StepAsync(string step, string told, JsonObject body)
        {
            progress.Report((0.7, told));
            await _api.ChangeAsync(HttpMethod.Post, $"{path}/{step}", path, body);
        }
    }

    private async Task HoldAssemblyAsync(string association, List<string> attendees)
    {
        await _api.UntilAsync($"/v1/agenda/bodies/{association}?on=2017-05-06", body => body["members"]!.GetValue<int>() == 26 && body["state"]!.ToString() == "active");
        var meeting = await _api.PostAsync("/v1/agenda/meetings", new JsonObject
        {
            ["kind"] = "ordinary-assembly", ["title"] = "Asamblea de planificación", ["bodyId"] = association, ["startsAt"] = "2017-05-06T14:00:00",
            ["venue"] = "Casa comunal El Ejemplo", ["points"] = Array([JsonValue.Create("Lectura del acta anterior"), JsonValue.Create("Plan de trabajo de 2017")]),
        });
        var path = $"/v1/agenda/meetings/{meeting["id"]}";
        await _api.ChangeAsync(HttpMethod.Post, $"{path}/convocation", path, new JsonObject { ["convenedOn"] = "2017-04-29" });
        await _api.ChangeAsync(HttpMethod.Put, $"{path}/attendance", path, new JsonObject { ["personIds"] = Array(attendees.Select(a => JsonValue.Create(a))) });
        await _api.ChangeAsync(HttpMethod.Post, $"{path}/calls", path, new JsonObject { ["call"] = 1 });
        await _api.ChangeAsync(HttpMethod.Put, $"{path}/minutes", path, new JsonObject
        {
            ["startedAt"] = "14:10:00", ["endedAt"] = "16:00:00",
            ["development"] = Array([JsonValue.Create("Se leyó el acta anterior y se aprobó sin cambios."), JsonValue.Create("Se acordó limpiar la quebrada antes de las lluvias fuertes.")]),
            ["agreements"] = Array([new JsonObject { ["text"] = "Limpiar la quebrada", ["responsible"] = "Junta directiva", ["dueOn"] = "2017-05-31" }]),
        });
        await _api.ChangeAsync(HttpMethod.Post, $"{path}/minutes/closing", path, []);
        await _api.ChangeAsync(HttpMethod.Post, $"{path}/minutes/1/publication", path, []);
    }

    private static async Task ShowAsync(GatewayClient api, Uri gateway, string tokenCommand, IAnsiConsole console)
    {
        var id = (await api.GetAsync("/v1/agenda/plans?year=2017"))["items"]![0]!["id"]!.ToString();
        var plan = await api.GetAsync($"/v1/agenda/plans/{id}");
        var lines = (await api.GetAsync($"/v1/agenda/plans/{id}/report"))["activities"]!.AsArray();
        var table = new Table().Border(TableBorder.Rounded).AddColumns("N.º", "Actividad del plan 2017", "Programación")
            .AddColumns([.. Amounts.Select(c => new TableColumn(c).RightAligned().NoWrap())]);
        foreach (var (activity, line) in plan["activities"]!.AsArray().Zip(lines))
        {
            table.AddRow(
                activity!["number"]!.ToString(), Markup.Escape(activity["text"]!.ToString()),
                Markup.Escape(activity["scheduleSource"]?.ToString() ?? InSpanish(activity["schedule"]!.ToString())),
                Number(line!["programmed"]), Number(line["executed"]), line["percent"] is { } percent ? Number(percent) : "n. a.");
        }
        console.Write(table);
        Say("Abra en el navegador:");
        Say($"  {gateway}          el portal de transparencia, por donde empieza quien vive aquí");
        Say($"  {gateway}docs      la API, para probarla");
        Say($"  {gateway}health    el estado de cada parte");
        Say("Lo que se publica, sin datos personales:");
        Say($"  {gateway}v1/organizations/published");
        Say("Si la credencial de una junta está vigente, como lo ve quien lee su código QR:");
        Say($"  {gateway}v1/organizations/verify/{await CredentialAsync(api)}");
        var meeting = (await api.GetAsync("/v1/agenda/meetings?state=held"))["items"]![0]!["id"];
        Say("La agenda pública, para suscribirse desde el calendario del teléfono, y un acta sin datos personales:");
        Say($"  {gateway}v1/agenda/public/calendar/unit.ics");
        Say($"  {gateway}v1/agenda/public/meetings/{meeting}/minutes/1");
        if ((await api.GetAsync($"/v1/budget/cycles?limit=1"))["items"]!.AsArray() is [{ } cycle, ..])
        {
            Say("El presupuesto participativo: cuánto hay por zona y qué se hace cuándo:");
            Say($"  {gateway}v1/budget/public/cycles/{cycle["id"]}");
        }
        if ((await api.GetAsync($"/v1/distribution/campaigns?limit=1"))["items"]!.AsArray() is [{ } campaign, ..])
        {
            Say("Los paquetes agrícolas: el aviso público, y la página para entregar sin señal (código de la campaña y centro 1):");
            Say($"  {gateway}v1/distribution/public/campaigns/{campaign["id"]}");
            Say($"  {gateway}v1/distribution/device/      {campaign["id"]}");
        }
        Say("El periódico mural del mes, para editarlo, revisarlo e imprimirlo con un token:");
        Say($"  {gateway}v1/agenda/editor/");
        Say("El informe de este plan para el concejo, con un token:");
        Say($"  {gateway}v1/agenda/plans/{id}/report/print");
        Say("Un token para probar:");
        Say($"  {tokenCommand}");

        // Written as it is: an address that the console breaks into lines cannot be followed.
        void Say(string line) => console.Profile.Out.Writer.WriteLine(line);
    }

    private static async Task<string> CredentialAsync(GatewayClient api)
    {
        var association = (await api.GetAsync("/v1/organizations/associations?search=ejemplo"))["items"]![0]!["id"];
        var documents = await api.GetAsync($"/v1/organizations/associations/{association}/documents");
        return documents["items"]!.AsArray().First(d => d!["kind"]!.ToString() == "credential")!["code"]!.ToString();
    }

    /// <summary>A made-up number whose check digit is right.</summary>
    private static string DuiOf(int index)
    {
        var digits = string.Create(CultureInfo.InvariantCulture, $"{90_100_000 + index}");
        return $"{digits}-{(10 - digits.Select((d, i) => (d - '0') * (9 - i)).Sum() % 10) % 10}";
    }

    private static string Number(JsonNode? number) => number!.GetValue<decimal>().ToString("0.##", CultureInfo.InvariantCulture);

    private static string InSpanish(string schedule) => schedule switch
    {
        "monthly" => "mensual, sin día",
        "one-off" => "puntual",
        _ => "sin programar",
    };

    private static JsonArray Array(IEnumerable<JsonNode?> items) => new([.. items]);

    private static string Iso(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Embedded(string name)
    {
        using var stream = typeof(Demo).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private sealed class ShownProgress(ProgressTask task) : IProgress<(double Share, string Step)>
    {
        public void Report((double Share, string Step) value) => (task.Value, task.Description) = (value.Share * 100, Markup.Escape(value.Step));
    }

    private sealed class WrittenProgress(IAnsiConsole console) : IProgress<(double Share, string Step)>
    {
        private int _tenth = -1;

        public void Report((double Share, string Step) value)
        {
            if ((int)(value.Share * 10) > _tenth)
                console.WriteLine($"{(_tenth = (int)(value.Share * 10)) * 10,3} %  {value.Step}");
        }
    }
}
