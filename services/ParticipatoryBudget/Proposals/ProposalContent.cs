using ProyeccionSocial.Contracts;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.ParticipatoryBudget.Proposals;

internal static class PlaceContentExtensions
{
    extension(PlaceContent place)
    {
        /// <summary>As events name it.</summary>
        public PlaceRef Ref => new(place.Id, place.Kind, place.Name, place.Path);
    }
}

/// <param name="FileId">Handed in before.</param>
/// <param name="Name">What it is, as "Escritura del terreno".</param>
/// <param name="Item">Number of the checklist's item that it proves, from 1.</param>
internal sealed record Attachment(Guid FileId, [PublicText(150)] string Name, [Between(1, 30)] int? Item = null)
{
    public static Attachment Example => new(Examples.Id, "Escritura del terreno", 1);
}

/// <summary>A proposal as somebody writes it.</summary>
/// <param name="Zone">Number of the zone in the cycle.</param>
/// <param name="Title">Its name.</param>
/// <param name="Problem">What is missing, for whom, since when.</param>
/// <param name="Description">What would be done.</param>
/// <param name="Place">Where.</param>
/// <param name="Beneficiaries">People.</param>
/// <param name="EstimatedCost">In US dollars, as the proposers see it; nobody publishes it.</param>
/// <param name="Contribution">What the community would give: money, labour, materials, land.</param>
/// <param name="AssociationId">That presents it; null when residents do, with their signatures.</param>
/// <param name="Confirmed">Numbers of the checklist's items that are so, from 1.</param>
/// <param name="Attachments">Photos and papers.</param>
internal sealed record ProposalContent(
    [Between(1, 100)] int Zone, [PublicText(150)] string Title, [PublicText(2000)] string Problem, [PublicText(4000)] string Description, PlaceContent Place,
    [Between(1, 1_000_000)] int Beneficiaries, decimal? EstimatedCost = null, [PublicText(1000)] string? Contribution = null, Guid? AssociationId = null,
    [Count(0, 30)] IReadOnlyList<int>? Confirmed = null, [Count(0, 20)] IReadOnlyList<Attachment>? Attachments = null)
{
    /// <summary>Whether both ask for the same, in the same words, in the same name: papers, and what it may cost, are beside that.</summary>
    public bool AsksTheSameAs(ProposalContent other) =>
        this with { EstimatedCost = null, Confirmed = null, Attachments = null } == other with { EstimatedCost = null, Confirmed = null, Attachments = null };

    public static ProposalContent Example => new(
        1, "Agua potable para El Ensayo", "Cuarenta familias acarrean agua desde la quebrada.", "Perforar un pozo y tender 800 metros de tubería.", PlaceContent.Example, 210, 24_000,
        "Mano de obra para zanjear", Examples.OtherId, [1], [Attachment.Example]);
}
