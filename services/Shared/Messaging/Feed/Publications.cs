using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Messaging.Outbox;

namespace ProyeccionSocial.Messaging.Feed;

/// <summary>Why something that was published is taken back.</summary>
public enum WithdrawalCause
{
    /// <summary>It named a person, or told of one.</summary>
    PersonalData,

    /// <summary>It should not have been said.</summary>
    Error,

    /// <summary>A court or the institute of access to information ordered it.</summary>
    Order,
}

/// <summary>
/// What was published and was wrong: corrected beside it, or taken back. Both are public events themselves, so that they
/// reach every copy.
/// </summary>
public static class Publications
{
    private const int LongestCorrection = 1000;
    private const string Words = "Escriba un texto de 1 a 1000 caracteres.";

    /// <param name="Cause">Why.</param>
    internal sealed record WithdrawRequest(WithdrawalCause Cause)
    {
        /// <summary>For the documentation.</summary>
        public static WithdrawRequest Example => new(WithdrawalCause.PersonalData);
    }

    /// <param name="Correction">What is right, in words that anybody may read.</param>
    internal sealed record CorrectRequest(
        [StringLength(LongestCorrection, MinimumLength = 1, ErrorMessage = Words), RegularExpression(@"(?=[\s\S]*\S)(?:[^\p{Cc}]|[\n\r\t])*", ErrorMessage = Words)] string Correction)
    {
        /// <summary>For the documentation.</summary>
        public static CorrectRequest Example => new("La obra mide 120 metros, no 210.");
    }

    /// <param name="Publication">The event.</param>
    /// <param name="Type">As <c>budget.project.created.v1</c>.</param>
    /// <param name="Notes">How often something was said of it.</param>
    /// <param name="Withdrawn">Whether its words are gone.</param>
    internal sealed record PublicationView(Guid Publication, string Type, int Notes, bool Withdrawn)
    {
        /// <summary>For the documentation.</summary>
        public static PublicationView Example => new(new("01936d0a-7c00-7000-8000-000000000001"), "budget.project.created.v1", 1, true);
    }

    private sealed record Row(string Type, Guid Subject, DateTimeOffset CreatedAt, string Body, byte[]? Leaf, int Notes);

    /// <summary>Maps the endpoints below <c>/published</c>; who may call them is said by whoever maps them.</summary>
    /// <param name="routes">The service's group.</param>
    /// <param name="hasPersonalNumber">Whether a text may not be published.</param>
    public static RouteGroupBuilder MapPublications(this IEndpointRouteBuilder routes, Func<string, bool> hasPersonalNumber)
    {
        var publications = routes.MapGroup("/published/{publication:guid}").WithTags("published");
        publications.MapPost("/withdrawal", WithdrawAsync).WithName("WithdrawPublication")
            .WithSummary("Retirar algo que se publicó: se borran sus palabras y se avisa a quienes tienen copia")
            .WithDescription("Corrija antes el dato en su lugar: lo que se publique después no cambia con esto. En la historia sellada queda la huella de lo retirado.");
        publications.MapPost("/correction", (Guid publication, CorrectRequest request, MessagingDbContext db, ServiceIdentity service, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
                hasPersonalNumber(request.Correction)
                    ? Task.FromResult<Results<Ok<PublicationView>, ProblemHttpResult>>(Problem(422, "correction_not_public", "Escriba la corrección sin números de DUI ni de teléfono: será pública."))
                    : NoteAsync(publication, "corrected", request.Correction.Trim(), db, service, http, time, cancellation))
            .WithName("CorrectPublication").Idempotent().WithSummary("Corregir algo que se publicó: queda, con la corrección a su lado");
        return publications;
    }

    /// <summary>
    /// What still stands of what was published of a subject, for the service's own public pages: they show nothing that was taken
    /// back. What was said again after that stands.
    /// </summary>
    /// <returns>Whether the event of a type with this number stands; of types without a withdrawal, all do.</returns>
    public static async Task<Func<string, int, bool>> StandingAsync(this MessagingDbContext db, Guid subject, CancellationToken cancellation)
    {
        var withdrawn = await db.Database.SqlQuery<string>($"""SELECT public_type AS "Value" FROM published_event WHERE subject = {subject} AND leaf IS NOT NULL""").ToListAsync(cancellation);
        if (withdrawn.Count == 0)
            return (_, _) => true;
        var standing = await db.Database.SqlQuery<string>(
            $"""
            SELECT public_type || ' ' || (body ->> 'number') AS "Value" FROM published_event WHERE subject = {subject} AND public_type = ANY ({withdrawn}) AND leaf IS NULL AND body ->> 'number' IS NOT NULL
            UNION SELECT public_type || ' ' || (body ->> 'number') FROM outbox WHERE subject = {subject} AND public_type = ANY ({withdrawn}) AND body ->> 'number' IS NOT NULL
            """).ToListAsync(cancellation);
        return (type, number) => !withdrawn.Contains(type) || standing.Contains(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{type} {number}"));
    }

    private static Task<Results<Ok<PublicationView>, ProblemHttpResult>> WithdrawAsync(
        Guid publication, WithdrawRequest request, MessagingDbContext db, ServiceIdentity service, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        NoteAsync(publication, "withdrawn", JsonNamingPolicy.KebabCaseLower.ConvertName(request.Cause.ToString()), db, service, http, time, cancellation);

    private static async Task<Results<Ok<PublicationView>, ProblemHttpResult>> NoteAsync(
        Guid publication, string kind, string words, MessagingDbContext db, ServiceIdentity service, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginStepAsync(cancellation);
        // Locked: two who note something of it take turns.
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            SELECT public_type AS "Type", subject AS "Subject", created_at AS "CreatedAt", body::text AS "Body", leaf AS "Leaf",
                   (SELECT count(*)::int FROM publication_note n WHERE n.message_id = p.message_id) AS "Notes"
            FROM published_event p WHERE message_id = {publication} AND public_type IS NOT NULL FOR UPDATE
            """).ToListAsync(cancellation);
        if (rows is not [var row, ..])
            return Problem(404, "not_found", "Eso no se ha publicado. Revise la dirección.");
        if (row.Type.Split('.')[1] == "publication")
            return Problem(409, "publication_is_a_note", "Eso ya es una corrección o un retiro: corrija lo que se publicó primero.");
        if (row.Leaf is not null)
            return Problem(409, "publication_withdrawn", "Eso ya se retiró.");

        var (number, now) = (row.Notes + 1, time.GetUtcNow());
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO publication_note (message_id, number, kind, words, noted_by, noted_at) VALUES ({publication}, {number}, {kind}, {words}, {http.User.FindFirstValue("sub") ?? ""}, {now})", cancellation);
        if (kind == "withdrawn")
        {
            using var said = JsonDocument.Parse(CloudEvent.Write(service.Name, publication, row.Type, row.Subject, row.CreatedAt, null, System.Text.Encoding.UTF8.GetBytes(row.Body)));
            var leaf = PublicLine.LeafOf(PublicLine.Of(said.RootElement));
            var version = said.RootElement.GetProperty("data").GetProperty("version").GetInt64();
            await db.Database.ExecuteSqlAsync($"UPDATE published_event SET leaf = {leaf}, body = json_build_object('version', {version}) WHERE message_id = {publication}", cancellation);
        }
        db.Say(EventOf(service.Name, kind, publication, row, words) with { Version = number, OccurredAt = now });
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(new PublicationView(publication, row.Type, number, kind == "withdrawn"));
    }

    // Each service says it under its own name, so that whoever follows one service hears it.
    private static PublicationEvent EventOf(string service, string kind, Guid publication, Row row, string words) => (service, kind) switch
    {
        ("organizations", "withdrawn") => new Contracts.Organizations.PublicationWithdrawn { PublicationId = publication, About = row.Subject, Publication = row.Type, Cause = words },
        ("organizations", _) => new Contracts.Organizations.PublicationCorrected { PublicationId = publication, About = row.Subject, Publication = row.Type, Correction = words },
        ("agenda", "withdrawn") => new Contracts.Agenda.PublicationWithdrawn { PublicationId = publication, About = row.Subject, Publication = row.Type, Cause = words },
        ("agenda", _) => new Contracts.Agenda.PublicationCorrected { PublicationId = publication, About = row.Subject, Publication = row.Type, Correction = words },
        ("budget", "withdrawn") => new Contracts.Budget.PublicationWithdrawn { PublicationId = publication, About = row.Subject, Publication = row.Type, Cause = words },
        ("budget", _) => new Contracts.Budget.PublicationCorrected { PublicationId = publication, About = row.Subject, Publication = row.Type, Correction = words },
        ("distribution", "withdrawn") => new Contracts.Distribution.PublicationWithdrawn { PublicationId = publication, About = row.Subject, Publication = row.Type, Cause = words },
        ("distribution", _) => new Contracts.Distribution.PublicationCorrected { PublicationId = publication, About = row.Subject, Publication = row.Type, Correction = words },
        _ => throw new InvalidOperationException($"{service} has no events for what it takes back."),
    };

    private static ProblemHttpResult Problem(int status, string code, string detail) => TypedResults.Problem(
        statusCode: status, title: status == 404 ? "No se encontró" : "No se puede corregir ni retirar", detail: detail, extensions: new Dictionary<string, object?> { ["code"] = code });
}
