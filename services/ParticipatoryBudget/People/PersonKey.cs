using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.People;

/// <summary>
/// What is kept of somebody who votes or supports: HMAC-SHA256 of the DUI with the cycle's own key, in which nobody reads
/// who it was. The same person has the same one whether a promoter writes the DUI or the resident's token carries it, and
/// another one in another cycle. When the cycle ends its key is erased, and what was kept belongs to nobody any more.
/// </summary>
internal static class PersonKey
{
    public static byte[] Of(byte[] cycleKey, string dui) => HMACSHA256.HashData(cycleKey, Encoding.ASCII.GetBytes(Dui.Parse(dui)!));

    /// <summary>The DUI that the resident's token carries, checked by whoever issued it.</summary>
    public static string DuiOf(ClaimsPrincipal resident) =>
        Dui.Parse(resident.FindFirstValue("dui")) ?? throw new RuleViolationException(403, "not_verified", "Su cuenta todavía no tiene el DUI verificado. Preséntese con él en la unidad o en una mesa de votación.");
}

/// <summary>A cycle's key. In a table of its own, so that it is never read along with the cycle and can be erased.</summary>
internal sealed class CycleKey
{
    public required Guid CycleId { get; init; }
    public required byte[] Key { get; init; }
}
