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

    private sealed record Row(Guid Id, string Type, Guid Subject, DateTimeOffset CreatedAt, string Body, byte[]? Leaf);

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

    /// <summary>
    /// Of some subjects, the types of what was taken back and not said again: the words of an event are told once more with its next one.
    /// </summary>
    /// <returns>By subject; empty for those of which nothing was.</returns>
    public static async Task<ILookup<Guid, string>> TakenBackAsync(this MessagingDbContext db, IReadOnlyCollection<Guid> subjects, CancellationToken cancellation)
    {
        var of = subjects.ToArray();
        return (await db.Database.SqlQuery<TakenBack>(
            $"""
            SELECT DISTINCT p.subject AS "Subject", p.public_type AS "Type" FROM published_event p WHERE p.subject = ANY ({of}) AND p.leaf IS NOT NULL AND p.public_type IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM published_event n WHERE n.position > p.position AND n.subject = p.subject AND n.public_type = p.public_type AND n.leaf IS NULL)
                AND NOT EXISTS (SELECT 1 FROM outbox n WHERE n.subject = p.subject AND n.public_type = p.public_type)
            """).ToListAsync(cancellation)).ToLookup(t => t.Subject, t => t.Type);
    }

    private sealed record TakenBack(Guid Subject, string Type);

    private static Task<Results<Ok<PublicationView>, ProblemHttpResult>> WithdrawAsync(
        Guid publication, WithdrawRequest request, MessagingDbContext db, ServiceIdentity service, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        NoteAsync(publication, "withdrawn", JsonNamingPolicy.KebabCaseLower.ConvertName(request.Cause.ToString()), db, service, http, time, cancellation);

    private static async Task<Results<Ok<PublicationView>, ProblemHttpResult>> NoteAsync(
        Guid publication, string kind, string words, MessagingDbContext db, ServiceIdentity service, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginStepAsync(cancellation);
        if (await LockAsync(db, publication, cancellation) is not { } row)
            return Problem(404, "not_found", "Eso no se ha publicado. Revise la dirección.");
        if (PublicLine.IsNote(row.Type) && (kind != "withdrawn" || row.Type.EndsWith(".withdrawn.v1", StringComparison.Ordinal)))
            return Problem(409, "publication_is_a_note", "Eso ya es una corrección o un retiro: corrija lo que se publicó primero. Una corrección que no debió decirse se retira.");
        if (row.Leaf is not null)
            return Problem(409, "publication_withdrawn", "Eso ya se retiró.");
        var (by, now) = (http.User.FindFirstValue("sub") ?? "", time.GetUtcNow());
        var number = await NoteAsync(db, service, row, kind, words, by, now, cancellation);
        // What corrected it says what it said: it goes with it.
        if (kind == "withdrawn" && number > 1 && !PublicLine.IsNote(row.Type))
        {
            // One that waits for the broker is not said at all; the relay, where it has it already, is waited for.
            var corrected = $"{service.Name}.publication.corrected.v1";
            await db.Database.ExecuteSqlAsync($"DELETE FROM outbox WHERE subject = {publication} AND public_type = {corrected}", cancellation);
            var corrections = await db.Database.SqlQuery<Guid>(
                $"""SELECT message_id AS "Value" FROM published_event WHERE subject = {publication} AND public_type = {corrected} AND leaf IS NULL ORDER BY position""").ToListAsync(cancellation);
            foreach (var correction in corrections)
                await NoteAsync(db, service, (await LockAsync(db, correction, cancellation))!, kind, words, by, now, cancellation);
        }
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return TypedResults.Ok(new PublicationView(publication, row.Type, number, kind == "withdrawn"));
    }

    /// <summary>Two who note something of it take turns.</summary>
    private static async Task<Row?> LockAsync(MessagingDbContext db, Guid publication, CancellationToken cancellation) => (await db.Database.SqlQuery<Row>(
        $"""
        SELECT message_id AS "Id", public_type AS "Type", subject AS "Subject", created_at AS "CreatedAt", body::text AS "Body", leaf AS "Leaf"
        FROM published_event WHERE message_id = {publication} AND public_type IS NOT NULL FOR UPDATE
        """).ToListAsync(cancellation)).FirstOrDefault();

    /// <returns>The number of the note.</returns>
    private static async Task<int> NoteAsync(MessagingDbContext db, ServiceIdentity service, Row row, string kind, string words, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        // After the lock: what another has noted meanwhile counts.
        var number = await db.Database.SqlQuery<int>($"""SELECT count(*)::int + 1 AS "Value" FROM publication_note WHERE message_id = {row.Id}""").SingleAsync(cancellation);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO publication_note (message_id, number, kind, words, noted_by, noted_at) VALUES ({row.Id}, {number}, {kind}, {words}, {by}, {now})", cancellation);
        using var said = JsonDocument.Parse(CloudEvent.Write(service.Name, row.Id, row.Type, row.Subject, row.CreatedAt, null, System.Text.Encoding.UTF8.GetBytes(row.Body)));
        if (kind == "withdrawn")
        {
            var (leaf, left) = (PublicLine.LeafOf(PublicLine.Of(said.RootElement)), PublicLine.EmptiedData(said.RootElement));
            await db.Database.ExecuteSqlAsync($"UPDATE published_event SET leaf = {leaf}, body = {left}::json WHERE message_id = {row.Id}", cancellation);
            if (PublicLine.IsNote(row.Type)) // Its version is its number among the notes.
                await db.Database.ExecuteSqlAsync($"UPDATE publication_note SET words = '' WHERE message_id = {row.Subject} AND number = {said.RootElement.GetProperty("data").GetProperty("version").GetInt32()}", cancellation);
        }
        var about = PublicLine.IsNote(row.Type) ? said.RootElement.GetProperty("data").GetProperty("about").GetGuid() : row.Subject;
        db.Say(EventOf(service.Name, kind, row.Id, about, row.Type, words) with { Version = number, OccurredAt = now });
        return number;
    }

    // Each service says it under its own name, so that whoever follows one service hears it.
    private static PublicationEvent EventOf(string service, string kind, Guid publication, Guid about, string type, string words) => (service, kind) switch
    {
        ("organizations", "withdrawn") => new Contracts.Organizations.PublicationWithdrawn { PublicationId = publication, About = about, Publication = type, Cause = words },
        ("organizations", _) => new Contracts.Organizations.PublicationCorrected { PublicationId = publication, About = about, Publication = type, Correction = words },
        ("agenda", "withdrawn") => new Contracts.Agenda.PublicationWithdrawn { PublicationId = publication, About = about, Publication = type, Cause = words },
        ("agenda", _) => new Contracts.Agenda.PublicationCorrected { PublicationId = publication, About = about, Publication = type, Correction = words },
        ("budget", "withdrawn") => new Contracts.Budget.PublicationWithdrawn { PublicationId = publication, About = about, Publication = type, Cause = words },
        ("budget", _) => new Contracts.Budget.PublicationCorrected { PublicationId = publication, About = about, Publication = type, Correction = words },
        ("distribution", "withdrawn") => new Contracts.Distribution.PublicationWithdrawn { PublicationId = publication, About = about, Publication = type, Cause = words },
        ("distribution", _) => new Contracts.Distribution.PublicationCorrected { PublicationId = publication, About = about, Publication = type, Correction = words },
        _ => throw new InvalidOperationException($"{service} has no events for what it takes back."),
    };

    private static ProblemHttpResult Problem(int status, string code, string detail) => TypedResults.Problem(
        statusCode: status, title: status == 404 ? "No se encontró" : "No se puede corregir ni retirar", detail: detail, extensions: new Dictionary<string, object?> { ["code"] = code });
}
