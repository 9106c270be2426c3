using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Associations;

/// <summary>The entry in the municipal book: the next entry and folio, without gaps, never changed afterwards.</summary>
internal static class EnterInRegister
{
    public static void MapEnterInRegister(this IEndpointRouteBuilder associations) =>
        associations.MapPost("/{id:guid}/registration", HandleAsync).WithName("EnterInRegister")
            .Allow("organizations.write", Roles.Secretary)
            .WithSummary("Inscribir la asociación en el libro de registro");

    internal sealed record Request([Between(1, 9999)] int Book, DateOnly RegisteredOn);

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change, HttpContext http) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            change.NotInFuture(request.RegisteredOn, "/registeredOn");
            // The book's row stays locked until the commit: secretaries write one after the other.
            var numbers = await change.Db.Database.SqlQuery<int>(
                $"""UPDATE register_book SET last_entry = last_entry + 1 WHERE number = {request.Book} RETURNING last_entry AS "Value" """)
                .ToListAsync(cancellation);
            Rule.That(numbers.Count == 1, "register_book_unknown", "Ese libro no está abierto.", "/book");
            var entry = new RegisterEntry
            {
                Book = request.Book,
                Entry = numbers[0],
                Folio = numbers[0],
                AssociationId = id,
                RegisteredOn = request.RegisteredOn,
                RecordedBy = Access.CallerOf(http.User),
                RecordedAt = change.Now,
            };
            association.EnterInRegister(entry, change.Now);
            change.Db.Add(entry);
        });
}

internal sealed class RegisterEntry
{
    public required int Book { get; init; }
    public required int Entry { get; init; }
    public required int Folio { get; init; }
    public required Guid AssociationId { get; init; }
    public required DateOnly RegisteredOn { get; init; }
    public required string RecordedBy { get; init; }
    public required DateTimeOffset RecordedAt { get; init; }
}
