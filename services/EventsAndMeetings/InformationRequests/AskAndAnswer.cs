using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Newspaper;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.InformationRequests;

/// <summary>Residents ask, by the portal's form, by a program, or at the office; the unit answers in the time that the law gives.</summary>
internal static class AskAndAnswer
{
    private const int LongestQuestion = 3000;

    /// <summary>A form without script answers with pages: what is wrong is said on the portal's form.</summary>
    private const string FormPage = "/portal/preguntar";

    public static void MapAnswerRequests(this IEndpointRouteBuilder requests)
    {
        requests.MapGet("/", ListAsync).WithName("ListInformationRequests").Allow("agenda.read", ReadPlans.Readers).WithSummary("Solicitudes de información, la que vence antes primero")
            .WithDescription("Las que esperan respuesta, salvo que se pidan otras con state.");
        requests.MapGet("/{id:guid}", GetAsync).WithName("GetInformationRequest").Allow("agenda.read", ReadPlans.Readers).WithSummary("Ver una solicitud");
        requests.MapPost("/{id:guid}/answer", AnswerAsync).WithName("AnswerInformationRequest").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Responder una solicitud").WithDescription("answer es para quien preguntó; publicQuestion y publicAnswer se publican, sin datos personales: si nombran a alguien del registro, se pregunta antes.");
        requests.MapPost("/{id:guid}/dismissal", DismissAsync).WithName("DismissInformationRequest").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Descartar lo que no pregunta nada, como un anuncio").WithDescription("No se publica. Quien tenga el código ve que se descartó.");
    }

    public static void MapAsk(this IEndpointRouteBuilder pages)
    {
        var ask = pages.MapGroup("/information-requests");
        ask.MapPost("/", AskAsync).WithName("AskForInformation").AllowAnonymous().Idempotent().WithSummary("Pedir información, sin decir quién la pide")
            .WithDescription("La respuesta se lee con el código, a más tardar en answerDue: el plazo que manda la ley.");
        ask.MapPost("/form", AskByFormAsync).WithName("AskForInformationByForm").AllowAnonymous().DisableAntiforgery() // Nobody is signed in: there is no session that another page could use.
            .Produces(303).WithSummary("Lo mismo desde el formulario del portal, que lleva a la página de la solicitud");
        ask.MapGet("/{code}", TrackAsync).WithName("TrackInformationRequest").AllowAnonymous().Produces<string>(200, "text/html").Produces<string>(404, "text/html")
            .WithSummary("Comprobante y seguimiento de una solicitud, con su respuesta");
    }

    internal sealed record AskRequest([Text(LongestQuestion)] string Question)
    {
        public static AskRequest Example => new("¿Cuánto se ha gastado en el puente de Las Lomas?");
    }

    internal sealed record AskedView(string Number, string Code, DateTimeOffset ReceivedAt, DateOnly AnswerDue, Uri Tracking)
    {
        public static AskedView Example => new("SI-2027-14", "7k3mq9xw2hcd", Examples.Instant, new(2027, 3, 16), new("https://ejemplo.gob.sv/v1/agenda/public/information-requests/7k3mq9xw2hcd"));
    }

    internal sealed record AnswerRequest(AnswerOutcome Outcome, [Text(10_000)] string Answer, [PublicText(LongestQuestion)] string PublicQuestion, [PublicText(10_000)] string PublicAnswer, bool NamesChecked = false)
    {
        public static AnswerRequest Example => new(
            AnswerOutcome.Given, "Se han pagado $9,000.00 de $23,500.00. El detalle está en la página de la obra.", "¿Cuánto se ha gastado en el puente de Las Lomas?", "Se han pagado $9,000.00 de $23,500.00.");
    }

    internal sealed record RequestView(
        Guid Id, long Version, string Number, string Question, DateTimeOffset ReceivedAt, DateOnly AnswerDue, int DaysLeft, InformationRequestState State, AnswerOutcome? Outcome,
        string? Answer, string? PublicQuestion, string? PublicAnswer, DateTimeOffset? DecidedAt)
    {
        public static RequestView Example => new(
            Examples.Id, 1, "SI-2027-14", "¿Cuánto se ha gastado en el puente de Las Lomas?", Examples.Instant, new(2027, 3, 16), 9, InformationRequestState.Received, null, null, null, null, null);

        public static RequestView Of(InformationRequest r, DateOnly today) => new(
            r.Id, r.Version, r.Name, r.Question, r.ReceivedAt, r.AnswerDue, r.AnswerDue.DayNumber - today.DayNumber, r.State, r.Outcome, r.Answer, r.PublicQuestion, r.PublicAnswer, r.DecidedAt);
    }

    private static async Task<Results<Created<AskedView>, ProblemHttpResult>> AskAsync(AskRequest request, AgendaDb db, IConfiguration configuration, TimeProvider time, CancellationToken cancellation)
    {
        var asked = await ReceiveAsync(request.Question.Trim(), db, time, cancellation);
        var tracking = configuration.PublicAddress($"/v1/agenda/public/information-requests/{asked.Code}");
        return TypedResults.Created(tracking.AbsolutePath, new AskedView(asked.Name, asked.Code, asked.ReceivedAt, asked.AnswerDue, tracking));
    }

    private static async Task<IResult> AskByFormAsync(HttpContext http, AgendaDb db, TimeProvider time, CancellationToken cancellation)
    {
        if (!http.Request.HasFormContentType)
            return Problems.Of(415, "unsupported_media_type", "Envíe el formulario como application/x-www-form-urlencoded.");
        IFormCollection form;
        try
        {
            form = await http.Request.ReadFormAsync(cancellation);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or BadHttpRequestException)
        {
            return new SeeOther($"{FormPage}?error=form");
        }
        // A field that people do not see and programs fill in.
        if (form["website"].ToString().Length > 0)
            return new SeeOther(FormPage);
        var question = form["question"].ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Trim();
        if (!TextAttribute.IsText(question, LongestQuestion))
            return new SeeOther($"{FormPage}?error={(question.Length == 0 ? "empty" : question.Length > LongestQuestion ? "long" : "form")}");
        var asked = await ReceiveAsync(question, db, time, cancellation);
        return new SeeOther($"/v1/agenda/public/information-requests/{asked.Code}");
    }

    private static async Task<InformationRequest> ReceiveAsync(string question, AgendaDb db, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var today = now.LocalDate();
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('information_request'), {today.Year})", cancellation); // Numbers without a gap.
        // The rule of the day on which it is asked.
        var terms = await db.Database.SqlQuery<AnswerTime>(
            $"""
            SELECT d.due AS "AnswerDue", business_days_from(d.due, -r.warn_days) AS "WarnFrom" FROM (SELECT * FROM answer_rule WHERE effective_from <= {today} ORDER BY effective_from DESC LIMIT 1) r
            CROSS JOIN LATERAL (SELECT business_days_from({today}, r.business_days) AS due) d
            """).SingleAsync(cancellation);
        var number = (await db.InformationRequests.Where(r => r.Year == today.Year).MaxAsync(r => (int?)r.Number, cancellation) ?? 0) + 1;
        var asked = InformationRequest.Receive(number, question, terms, now);
        db.Add(asked);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return asked;
    }

    private static async Task<IResult> TrackAsync(string code, AgendaDb db, HttpContext http, IConfiguration configuration, TimeProvider time, CancellationToken cancellation)
    {
        var asked = await db.InformationRequests.AsNoTracking().SingleOrDefaultAsync(r => r.Code == code, cancellation);
        http.Response.Headers.CacheControl = "no-store";
        return asked is null ? Html.Page<RequestPage>(http, [], 404) : Html.Page<RequestPage>(http, new()
        {
            ["Paper"] = new RequestPaper(
                asked.Name, asked.Question, asked.ReceivedAt.DayAndHour(), asked.AnswerDue.Day(), Words(asked, time.Today()), asked.State == InformationRequestState.Dismissed ? "Cerrada" : "Respondida", asked.Answer,
                asked.DecidedAt?.LocalDate().Day(), configuration.PublicAddress($"/v1/agenda/public/information-requests/{asked.Code}")),
        });
    }

    private static string Words(InformationRequest asked, DateOnly today) => asked.State switch
    {
        InformationRequestState.Answered => asked.Outcome switch
        {
            AnswerOutcome.Given => "Ya tiene respuesta",
            AnswerOutcome.PartlyGiven => "Ya tiene respuesta, en parte",
            AnswerOutcome.Reserved => "Respondida: la información es reservada o confidencial",
            AnswerOutcome.NotHeld => "Respondida: la municipalidad no tiene esa información",
            _ => "Respondida: la información la tiene otra institución",
        },
        InformationRequestState.Dismissed => "Se descartó: no pedía información",
        _ when asked.AnswerDue < today => "El plazo venció y todavía no se le responde",
        _ => "En espera de respuesta",
    };

    private static async Task<Ok<Page<RequestView>>> ListAsync(
        AgendaDb db, TimeProvider time, Choice<InformationRequestState>? state = null, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var (size, wanted, today) = (Page.Size(limit), state?.Value ?? InformationRequestState.Received, time.Today());
        var query = db.InformationRequests.AsNoTracking().Where(r => r.State == wanted);
        if (after is not null)
        {
            var (due, id) = Page.DayAndId(after);
            query = query.Where(r => EF.Functions.GreaterThan(ValueTuple.Create(r.AnswerDue, r.Id), ValueTuple.Create(due, id)));
        }
        var items = await query.OrderBy(r => r.AnswerDue).ThenBy(r => r.Id).Take(size + 1).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(r => RequestView.Of(r, today)), size, r => Page.Cursor(r.AnswerDue, r.Id)));
    }

    private static async Task<Results<Ok<RequestView>, ProblemHttpResult>> GetAsync(Guid id, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        if (await db.InformationRequests.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellation) is not { } asked)
            return Problems.NotFound();
        http.Response.SetETag(asked.Version);
        return TypedResults.Ok(RequestView.Of(asked, time.Today()));
    }

    private static Task<Results<Ok<RequestView>, ProblemHttpResult>> AnswerAsync(
        Guid id, AnswerRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, time, id, ifMatch, async asked =>
        {
            // A person decides, and says so; a name that is overlooked is published for ever.
            var named = request.NamesChecked ? [] : (await ReviewHints.OfAsync(db, [new(NewspaperSection.Notices, "", request.PublicQuestion), new(NewspaperSection.Notices, "", request.PublicAnswer)], http.RequestAborted)).Where(h => h.Point == "privacy").ToList();
            Rule.That(named.Count == 0, "answer_names_a_person", "Nombra a una persona del registro. Quítela, o envíe namesChecked si debe quedar.", named is [{ Item: 1 }, ..] ? "/publicQuestion" : "/publicAnswer");
            asked.Decide(request.Outcome, request.Answer.Trim(), request.PublicQuestion.Trim(), request.PublicAnswer.Trim(), Access.CallerOf(http.User), time.GetUtcNow());
        });

    private static Task<Results<Ok<RequestView>, ProblemHttpResult>> DismissAsync(Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, time, id, ifMatch, asked =>
        {
            asked.Dismiss(Access.CallerOf(http.User), time.GetUtcNow());
            return Task.CompletedTask;
        });

    private static async Task<Results<Ok<RequestView>, ProblemHttpResult>> ApplyAsync(AgendaDb db, HttpContext http, TimeProvider time, Guid id, string? ifMatch, Func<InformationRequest, Task> step) =>
        http.Response.Versioned(await db.StepAsync(id, db.InformationRequests, asked => Preconditions.Require(ifMatch, asked.Version), async (asked, _) =>
        {
            await step(asked);
            return asked;
        }, asked => RequestView.Of(asked, time.Today()), http.RequestAborted));
}
