namespace ProyeccionSocial.Papers;

/// <summary>A piece of the wall newspaper, as it is printed.</summary>
/// <param name="Section">As <c>projects</c>.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Text">Its words.</param>
/// <param name="About">Whose page its QR leads to.</param>
public sealed record NewspaperPiece(string Section, string Title, string Text, Guid? About)
{
    /// <summary>How sections are called on paper and on pages, in the order in which they are read.</summary>
    public static IReadOnlyDictionary<string, string> Sections { get; } = new Dictionary<string, string>
    {
        ["notices"] = "Avisos", ["agenda"] = "Agenda", ["projects"] = "Nuestras obras", ["participatory-budget"] = "Presupuesto participativo", ["associations"] = "Noticias de las ADESCO",
        ["youth-culture-sport"] = "Juventud, cultura y deporte", ["prevention"] = "Prevención y seguridad", ["packages"] = "Paquetes agrícolas", ["information-requests"] = "Pregunte a la municipalidad",
        ["recognitions"] = "Reconocimientos",
    };

    /// <summary>The pieces by section: sections as they are first named, what has no known name last.</summary>
    public static IEnumerable<IGrouping<string, NewspaperPiece>> BySection(IEnumerable<NewspaperPiece> pieces) => pieces.GroupBy(p => Sections.GetValueOrDefault(p.Section, "Más noticias"));
}
