using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Campaigns;

/// <summary>Who works at a centre changes also while packages are handed out: somebody falls ill, somebody helps out.</summary>
internal static class SetStaff
{
    public static void MapSetStaff(this IEndpointRouteBuilder campaigns) =>
        campaigns.MapPut("/{id:guid}/centres/{number:int}/staff", SetAsync).WithName("SetStaff").Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Decir quiénes trabajan en un centro, también durante la campaña").WithDescription("Por el sujeto de sus tokens. Reemplaza a quienes estaban.");

    internal sealed record StaffList([Count(0, 100)] IReadOnlyList<string> Staff)
    {
        public static StaffList Example => new(["promotora.inventada"]);
    }

    private static async Task<Results<Ok<StaffList>, ProblemHttpResult>> SetAsync(Guid id, int number, StaffList request, DistributionDb db, CancellationToken cancellation)
    {
        foreach (var (index, subject) in request.Staff.Index())
            Rule.That(TextAttribute.IsText(subject, 100), "staff", "El sujeto de quien trabaja en el centro lleva de 1 a 100 caracteres.", $"/staff/{index}");
        await using var step = await db.BeginStepAsync(cancellation);
        await db.LockAsync<Campaign>(id, cancellation);
        var state = await db.Campaigns.Where(c => c.Id == id && c.Centres.Any(n => n.Number == number)).Select(c => (CampaignState?)c.State).SingleOrDefaultAsync(cancellation);
        if (state is null)
            return Problems.NotFound();
        Rule.State(state is CampaignState.Draft or CampaignState.Approved, "campaign_ended", "La campaña ya terminó.");
        var staff = request.Staff.Select(s => s.Trim()).Distinct().Order(StringComparer.Ordinal).ToArray();
        await db.Staff.Where(s => s.CampaignId == id && s.Centre == number).ExecuteDeleteAsync(cancellation);
        db.AddRange(staff.Select(s => new CentreStaff { CampaignId = id, Centre = number, Subject = s }));
        await db.SaveChangesAsync(cancellation);
        await step.CommitAsync(cancellation);
        return TypedResults.Ok(new StaffList(staff));
    }
}
