using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Books;

/// <summary>The entry in the municipal book: the next entry and folio, without gaps, never changed afterwards.</summary>
internal static class EnterInRegister
{
    public static void MapEnterInRegister(this IEndpointRouteBuilder associations) =>
        associations.MapPost("/{id:guid}/registration", HandleAsync).WithName("EnterInRegister")
            .Allow("organizations.write", Roles.Secretary)
            .WithSummary("Inscribir la asociación en el libro de registro");

    internal sealed record Request([Between(1, 9999)] int Book, DateOnly RegisteredOn)
    {
        public static Request Example => new(1, new(2025, 3, 3));
    }

    private static Task<Results<Ok<AssociationView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AssociationChange change) =>
        change.ApplyAsync(id, ifMatch, async (association, cancellation) =>
        {
            Rule.NotInFuture(request.RegisteredOn, change.Now, "/registeredOn");
            association.RequireRegistrable(request.RegisteredOn);
            var book = await change.Db.Books.AsNoTracking()
                .SingleOrDefaultAsync(b => b.Kind == BookKind.Register && b.Number == request.Book && b.ClosedOn == null, cancellation);
            Rule.That(book is not null, "register_book_unknown", "Ese libro no está abierto.", "/book");
            var basis = association.GrantedByLaw
                ? $"por ministerio de ley desde el {association.RecognizedOn:dd/MM/yyyy}"
                : $"por Acuerdo No. {association.CouncilAgreementNumber} del Acta No. {association.CouncilMinutesNumber}, {association.CouncilDate:dd-MM-yyyy}";
            var place = await change.Db.WriteAsync(book!.Id, new BookEntry
            {
                Pages = 1,
                DatedOn = request.RegisteredOn,
                Title = association.Name,
                Text = $"Se inscribe la asociación comunal {association.Name}, de {association.Place.Path}, con personería jurídica {basis}.",
                AssociationId = id,
                RecordedBy = change.Caller,
                RecordedAt = change.Now,
                ClosedBy = change.Caller,
                ClosedAt = change.Now,
            }, cancellation);
            association.EnterInRegister(request.Book, place, request.RegisteredOn, change.Now);
        });
}
