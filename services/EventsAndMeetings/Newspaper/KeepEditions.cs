using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Newspaper;

/// <summary>The wall newspaper from the month's events to the wall: drafted, looked through, approved, printed, posted, taken down.</summary>
internal static class KeepEditions
{
    private static readonly string[] Writers = [Roles.Promoter, Roles.UnitHead];

    public static void MapKeepEditions(this IEndpointRouteBuilder editions)
    {
        editions.MapPost("/", BeginAsync).WithName("BeginEdition").Idempotent().Allow("agenda.write", Writers)
            .WithSummary("Comenzar una edición del periódico mural").WithDescription("Propone su contenido de lo que los servicios publicaron en el mes y de lo que viene; después se edita.");
        editions.MapGet("/", ListAsync).WithName("ListEditions").Allow("agenda.read", ReadPlans.Readers).WithSummary("Ediciones, la última primero");
        editions.MapGet("/{id:guid}", GetAsync).WithName("GetEdition").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Ver una edición, con lo que conviene mirar dos veces antes de aprobarla");
        editions.MapGet("/{id:guid}/proposals", ProposeAsync).WithName("ProposeEditionItems").Allow("agenda.read", Writers)
            .WithSummary("Lo que se publicó y la edición todavía no dice");
        editions.MapPut("/{id:guid}/content", WriteAsync).WithName("WriteEdition").Allow("agenda.write", Writers).WithSummary("Escribir la edición: agregar, cambiar, ordenar o quitar");
        editions.MapPost("/{id:guid}/submission", SubmitAsync).WithName("SubmitEdition").Allow("agenda.write", Writers).WithSummary("Presentar la edición a revisión");
        editions.MapPost("/{id:guid}/return", ReturnAsync).WithName("ReturnEdition").Allow("agenda.write", Roles.UnitHead).WithSummary("Devolver la edición con observaciones");
        editions.MapPost("/{id:guid}/approval", ApproveAsync).WithName("ApproveEdition").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Aprobar la edición, después de revisar cada punto").WithDescription("La aprueba otra persona que la que la presentó. Desde entonces no cambia, y se lee en el portal.");
        editions.MapGet("/{id:guid}/print", PrintAsync).WithName("PrintEdition").Allow("agenda.read", ReadPlans.Readers).Produces<string>(200, "text/html")
            .WithSummary("La edición para imprimir").WithDescription("paper es a3 o letter. Aprobada, se imprime también desde el portal, con los sellos de la historia.");
        editions.MapPost("/{id:guid}/postings", PostAsync).WithName("PostEdition").Idempotent().Allow("agenda.write", Writers)
            .WithSummary("Anotar que la edición se colocó en un lugar, con su foto").WithDescription("Suba antes la foto con POST /v1/agenda/files. Es medio de verificación del plan.");
        editions.MapPost("/{id:guid}/postings/{posting:guid}/removal", TakeDownAsync).WithName("TakeDownEdition").Allow("agenda.write", Writers).WithSummary("Anotar que la edición se quitó de un lugar");
    }

    internal sealed record BeginRequest(DateOnly Month, [PublicText(150)] string IssuedAt)
    {
        public static BeginRequest Example => new(new(2027, 5, 1), "San Ensayo, La Prueba");
    }

    internal sealed record WriteRequest([Count(0, 80)] IReadOnlyList<EditionItem> Items)
    {
        public static WriteRequest Example => new([EditionItem.Example]);
    }

    internal sealed record ReturnRequest([Text(2000)] string Remarks)
    {
        public static ReturnRequest Example => new("En la noticia 3, diga cuánto falta.");
    }

    internal sealed record ApproveRequest(ReviewChecklist Checklist)
    {
        public static ApproveRequest Example => new(ReviewChecklist.Example);
    }

    internal sealed record PostRequest(PlaceContent Place, DateOnly PostedOn, Guid PhotoId)
    {
        public static PostRequest Example => new(PlaceContent.Example, new(2027, 6, 3), Examples.Id);
    }

    internal sealed record TakeDownRequest(DateOnly TakenDownOn)
    {
        public static TakeDownRequest Example => new(new DateOnly(2027, 7, 2));
    }

    internal sealed record PostingView(Guid Id, string Place, DateOnly PostedOn, Guid PhotoId, DateOnly? TakenDownOn)
    {
        public static PostingView Example => new(Examples.OtherId, PlaceContent.Example.Path, new(2027, 6, 3), Examples.Id, null);

        public static PostingView Of(Posting p) => new(p.Id, p.PlacePath, p.PostedOn, p.PhotoId, p.TakenDownOn);
    }

    internal sealed record EditionView(
        Guid Id, long Version, string Edition, DateOnly Month, string IssuedAt, EditionState State, IReadOnlyList<EditionItem> Items, string? Remarks, ReviewChecklist? Checklist,
        DateTimeOffset? ApprovedAt, IReadOnlyList<ReviewHint> Hints, IReadOnlyList<PostingView> Postings)
    {
        public static EditionView Example => new(
            Examples.Id, 3, "2027-5", new(2027, 5, 1), "San Ensayo, La Prueba", EditionState.InReview, [EditionItem.Example], null, null, null, [ReviewHint.Example], [PostingView.Example]);
    }

    internal sealed record EditionLine(Guid Id, string Edition, DateOnly Month, EditionState State, int Items, int Posted)
    {
        public static EditionLine Example => new(Examples.Id, "2027-5", new(2027, 5, 1), EditionState.Approved, 14, 6);
    }

    private static async Task<Results<Created<EditionView>, ProblemHttpResult>> BeginAsync(
        BeginRequest request, AgendaDb db, HttpContext http, IConfiguration configuration, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        Rule.That(request.Month.Day == 1 && request.Month.Year is >= 2000 and <= 2200, "month_first_day", "Indique el primer día del mes, como 2027-05-01.", "/month");
        Rule.NotInFuture(request.Month, now, "/month");
        var items = ProposeContent.Beginning(await ProposeContent.OfAsync(db, request.Month, now.LocalDate(), configuration.PublicAddress("/"), cancellation));
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('newspaper_edition'), {request.Month.Year})", cancellation); // Numbers without a gap.
        var number = (await db.Editions.Where(e => e.Year == request.Month.Year).MaxAsync(e => (int?)e.Number, cancellation) ?? 0) + 1;
        var begun = Edition.Begin(number, request.Month, request.IssuedAt.Trim(), items, Access.CallerOf(http.User), now);
        db.Add(begun);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(begun.Version);
        return TypedResults.Created($"/v1/agenda/editions/{begun.Id}", await ViewAsync(db, begun, cancellation));
    }

    private static async Task<Ok<Page<EditionLine>>> ListAsync(AgendaDb db, Choice<EditionState>? state = null, Guid? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var (size, wanted) = (Page.Size(limit), state?.Value);
        var items = await db.Editions.AsNoTracking().Where(e => (wanted == null || e.State == wanted) && (after == null || e.Id < after)).OrderByDescending(e => e.Id).Take(size + 1)
            .Select(e => new { Edition = e, Posted = db.Postings.Count(p => p.EditionId == e.Id) }).ToListAsync(cancellation);
        return TypedResults.Ok(Page.Of(items.ConvertAll(i => new EditionLine(i.Edition.Id, i.Edition.Name, i.Edition.Month, i.Edition.State, i.Edition.Items.Count, i.Posted)), size, e => e.Id.ToString()));
    }

    private static async Task<Results<Ok<EditionView>, ProblemHttpResult>> GetAsync(Guid id, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        if (await db.Editions.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancellation) is not { } edition)
            return Problems.NotFound();
        http.Response.SetETag(edition.Version);
        return TypedResults.Ok(await ViewAsync(db, edition, cancellation));
    }

    private static async Task<Results<Ok<IReadOnlyList<EditionItem>>, ProblemHttpResult>> ProposeAsync(Guid id, AgendaDb db, IConfiguration configuration, TimeProvider time, CancellationToken cancellation)
    {
        if (await db.Editions.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancellation) is not { } edition)
            return Problems.NotFound();
        var said = edition.Items.SelectMany(i => i.Sources ?? []).ToHashSet();
        var all = await ProposeContent.OfAsync(db, edition.Month, time.Today(), configuration.PublicAddress("/"), cancellation);
        return TypedResults.Ok<IReadOnlyList<EditionItem>>([.. all.Where(i => i.Sources is { } sources && !sources.All(said.Contains)).Take(Page.MaximumSize)]);
    }

    private static Task<Results<Ok<EditionView>, ProblemHttpResult>> WriteAsync(
        Guid id, WriteRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http) =>
        ApplyAsync(db, http, id, ifMatch, (edition, _) =>
        {
            edition.Write([.. request.Items.Select(i => i with { Title = i.Title.Trim(), Text = i.Text.Trim() })]);
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<EditionView>, ProblemHttpResult>> SubmitAsync(Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, id, ifMatch, (edition, _) =>
        {
            edition.Submit(Access.CallerOf(http.User), time.GetUtcNow());
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<EditionView>, ProblemHttpResult>> ReturnAsync(Guid id, ReturnRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http) =>
        ApplyAsync(db, http, id, ifMatch, (edition, _) =>
        {
            edition.Return(request.Remarks.Trim());
            return Task.CompletedTask;
        });

    private static Task<Results<Ok<EditionView>, ProblemHttpResult>> ApproveAsync(
        Guid id, ApproveRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, TimeProvider time) =>
        ApplyAsync(db, http, id, ifMatch, async (edition, cancellation) =>
        {
            // What a service took back meanwhile is not printed.
            var sources = edition.Items.SelectMany(i => i.Sources ?? []).Distinct().ToList();
            var known = (await db.Database.SqlQuery<Guid>($"""SELECT id AS "Value" FROM public_news WHERE id = ANY ({sources}) AND NOT taken_back""").ToListAsync(cancellation)).ToHashSet();
            var gone = edition.Items.Index().Where(i => (i.Item.Sources ?? []).Any(s => !known.Contains(s))).Select(i => i.Index + 1).ToList();
            Rule.State(gone.Count == 0, "edition_source_withdrawn", $"Lo que sirvió para la noticia {string.Join(", ", gone)} se retiró: devuélvala para quitarla o escribirla de nuevo.");
            edition.Approve(request.Checklist, Access.CallerOf(http.User), time.GetUtcNow());
        });

    private static Task<Results<Ok<EditionView>, ProblemHttpResult>> PostAsync(Guid id, PostRequest request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        // No version is asked for: postings add up, whoever brings them.
        PlaceAsync(db, http, id, async edition =>
        {
            var type = await db.StoredFiles.Where(f => f.Id == request.PhotoId).Select(f => f.ContentType).SingleOrDefaultAsync(cancellation);
            Rule.That(type is not null, "file_unknown", "Ese archivo no está guardado: súbalo primero.", "/photoId");
            Rule.That(type!.StartsWith("image/", StringComparison.Ordinal), "photo_not_an_image", "La foto es una imagen.", "/photoId");
            Rule.State(!await db.Postings.AnyAsync(p => p.EditionId == id && p.PlaceId == request.Place.Id, cancellation), "edition_already_posted", "La edición ya se colocó en ese lugar.");
            Rule.State(!await db.Postings.AnyAsync(p => p.PhotoId == request.PhotoId, cancellation), "photo_already_used", "Esa foto ya muestra otra colocación.");
            db.Add(edition.Post(new PlaceRef(request.Place.Id, request.Place.Kind, request.Place.Name, request.Place.Path), request.PostedOn, request.PhotoId, Access.CallerOf(http.User), time.GetUtcNow()));
        }, cancellation);

    private static Task<Results<Ok<EditionView>, ProblemHttpResult>> TakeDownAsync(
        Guid id, Guid posting, TakeDownRequest request, AgendaDb db, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        PlaceAsync(db, http, id, async edition =>
        {
            var placed = await db.Postings.SingleOrDefaultAsync(p => p.EditionId == id && p.Id == posting, cancellation)
                ?? throw new RuleViolationException(404, "not_found", "La edición no se colocó ahí.");
            edition.TakeDown(placed, request.TakenDownOn, time.GetUtcNow());
        }, cancellation);

    private static async Task<Results<Ok<EditionView>, ProblemHttpResult>> PlaceAsync(AgendaDb db, HttpContext http, Guid id, Func<Edition, Task> step, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Edition>(id, cancellation);
        if (await db.Editions.SingleOrDefaultAsync(e => e.Id == id, cancellation) is not { } edition)
            return Problems.NotFound();
        await step(edition);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(edition.Version);
        return TypedResults.Ok(await ViewAsync(db, edition, cancellation));
    }

    private static async Task<Results<Ok<EditionView>, ProblemHttpResult>> ApplyAsync(AgendaDb db, HttpContext http, Guid id, string? ifMatch, Func<Edition, CancellationToken, Task> step) =>
        http.Response.Versioned(await db.StepAsync(id, db.Editions, edition => Preconditions.Require(ifMatch, edition.Version), async (edition, cancellation) =>
        {
            await step(edition, cancellation);
            await db.SaveChangesAsync(cancellation);
            return await ViewAsync(db, edition, cancellation);
        }, view => view, http.RequestAborted));

    private static async Task<EditionView> ViewAsync(AgendaDb db, Edition e, CancellationToken cancellation) => new(
        e.Id, e.Version, e.Name, e.Month, e.IssuedAt, e.State, e.Items, e.Remarks, e.Checklist, e.ApprovedAt,
        e.State == EditionState.Approved ? [] : await ReviewHints.OfAsync(db, e.Items, cancellation),
        (await db.Postings.AsNoTracking().Where(p => p.EditionId == e.Id).OrderBy(p => p.Id).Take(Page.MaximumSize).ToListAsync(cancellation)).ConvertAll(PostingView.Of));

    private static async Task<IResult> PrintAsync(Guid id, AgendaDb db, HttpContext http, IConfiguration configuration, string? paper = null, CancellationToken cancellation = default)
    {
        if (await db.Editions.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancellation) is not { } edition)
            return Problems.NotFound();
        return Html.Page<NewspaperSheet>(http, new()
        {
            ["Large"] = paper == "a3", ["Edition"] = edition.Name, ["Month"] = edition.Month, ["IssuedAt"] = edition.IssuedAt, ["Home"] = configuration.PublicAddress("/"),
            ["Date"] = edition.ApprovedAt is { } at ? at.LocalDate() : null, ["Draft"] = edition.State != EditionState.Approved,
            ["Items"] = (IReadOnlyList<NewspaperPiece>)[.. edition.Items.Select(i => new NewspaperPiece(Choice<NewspaperSection>.NameOf(i.Section), i.Title, i.Text, i.About))],
        });
    }
}
