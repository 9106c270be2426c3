namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>A place as Organizations names it.</summary>
/// <param name="Id">In Organizations.</param>
/// <param name="Kind">As <c>hamlet</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Path">The name under its parents, smallest first.</param>
public sealed record PlaceContent(Guid Id, [PublicText(20)] string Kind, [PublicText(150)] string Name, [PublicText(500)] string Path)
{
    /// <summary>How one looks.</summary>
    public static PlaceContent Example => new(Examples.OtherId, "hamlet", "Caserío El Ensayo", "Caserío El Ensayo, Cantón Las Lomas, San Ensayo, Prueba");
}
