using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.Places;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Committees;

/// <summary>The kinds of committees, which the unit changes as its practice does. Committees that exist keep sitting.</summary>
internal static partial class CommitteeKinds
{
    public static void MapCommitteeKinds(this IEndpointRouteBuilder committees)
    {
        committees.MapGet("/kinds", ListAsync).WithName("ListCommitteeKinds")
            .Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Council, Roles.Auditor)
            .WithSummary("Tipos de comité: tamaño, edades, instituciones, cada cuánto se reúnen");
        committees.MapPut("/kinds/{code}", DefineAsync).WithName("DefineCommitteeKind")
            .Allow("organizations.write", Roles.UnitHead)
            .WithSummary("Agregar un tipo de comité, o cambiar uno")
            .WithDescription("Lo que se cambia rige para los comités y asientos que se registren después.");
    }

    internal sealed record Definition(
        [Text(100)] string Name, [Between(1, 100)] int MinimumMembers, [Between(1, 100)] int MaximumMembers, [Count(1, 7)] IReadOnlyList<PlaceKind> PlaceKinds,
        bool ForProject, bool ExcludesOfficials, [Text(200)] string Source,
        [Between(1, 120)] int? MinimumAge = null, [Between(1, 120)] int? MaximumAge = null, [Text(200)] string? Cadence = null,
        [Count(0, 30)] IReadOnlyList<string>? Institutions = null)
    {
        public static Definition Example => new(
            "Comité de agua", 3, 9, [PlaceKind.Canton, PlaceKind.Hamlet], false, false, "Acuerdo de la unidad, 2026-02-02", 18, null, "FREQ=MONTHLY;BYDAY=2SA", ["Salud"]);
    }

    internal sealed record KindView(
        string Code, string Name, int MinimumMembers, int MaximumMembers, int? MinimumAge, int? MaximumAge, IReadOnlyList<string> PlaceKinds, string? Cadence,
        bool ForProject, IReadOnlyList<string> Institutions, bool ExcludesOfficials, string Source)
    {
        public static KindView Example => new("youth", "Comité de jóvenes", 5, 15, 15, 29, ["hamlet"], null, false, [], false, "Plan de la unidad");

        public static KindView Of(CommitteeKind k) => new(
            k.Code, k.Name, k.MinimumMembers, k.MaximumMembers, k.MinimumAge, k.MaximumAge, k.PlaceKinds, k.Cadence, k.ForProject, k.Institutions, k.ExcludesOfficials, k.Source);
    }

    private static async Task<Ok<List<KindView>>> ListAsync(OrganizationsDb db, CancellationToken cancellation) =>
        TypedResults.Ok((await db.CommitteeKinds.AsNoTracking().OrderBy(k => k.Code).Take(Page.MaximumSize).ToListAsync(cancellation)).ConvertAll(KindView.Of));

    private static async Task<Results<Ok<KindView>, ProblemHttpResult>> DefineAsync(string code, Definition request, OrganizationsDb db, CancellationToken cancellation)
    {
        Rule.That(Code().IsMatch(code), "committee_kind_code", "El código lleva letras minúsculas y guiones, como water.");
        Rule.That(request.MinimumMembers <= request.MaximumMembers, "committee_kind_size", "El mínimo de integrantes es mayor que el máximo.", "/maximumMembers");
        Rule.That(!(request.MinimumAge > request.MaximumAge), "committee_kind_ages", "La edad mínima es mayor que la máxima.", "/maximumAge");
        Rule.That(request.Institutions?.All(i => i.Trim().Length is > 0 and <= 120) != false, "institution_unknown", "El nombre de una institución tiene de 1 a 120 caracteres.", "/institutions");
        var kind = await db.CommitteeKinds.SingleOrDefaultAsync(k => k.Code == code, cancellation);
        if (kind is null)
            db.Add(kind = new CommitteeKind { Code = code, Name = "", PlaceKinds = [], Institutions = [], Source = "" });
        kind.Name = request.Name.Trim();
        (kind.MinimumMembers, kind.MaximumMembers) = (request.MinimumMembers, request.MaximumMembers);
        (kind.MinimumAge, kind.MaximumAge) = (request.MinimumAge, request.MaximumAge);
        kind.PlaceKinds = [.. request.PlaceKinds.Distinct().Select(k => Choice<PlaceKind>.NameOf(k))];
        (kind.Cadence, kind.ForProject, kind.ExcludesOfficials, kind.Source) = (request.Cadence?.Trim(), request.ForProject, request.ExcludesOfficials, request.Source.Trim());
        kind.Institutions = [.. (request.Institutions ?? []).Select(i => i.Trim())];
        await db.SaveChangesAsync(cancellation);
        return TypedResults.Ok(KindView.Of(kind));
    }

    [GeneratedRegex(@"^[a-z]{1,30}(-[a-z]{1,30}){0,4}\z")]
    private static partial Regex Code();
}
