using System.Globalization;
using ProyeccionSocial.News;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.TransparencyPortal.Pages;

// What pages show is public, because Razor makes its components so.

/// <summary>A theme on the start page.</summary>
public sealed record KindLine(string Name, string Slug, string Title, string About, string Count);

/// <summary>Something that happened.</summary>
public sealed record NewsLine(string Title, string Address, string Sentence, string When, string? Note = null);

/// <summary>Something that has a page.</summary>
public sealed record SubjectLine(string Title, string Address, string Place, string Note = "");

/// <summary>Several of one kind.</summary>
public sealed record SubjectGroup(string? Title, IReadOnlyList<SubjectLine> Lines);

/// <summary>A service's sealed blocks.</summary>
public sealed record SealedSource(string Name, string Title, IReadOnlyList<SealedBlock> Blocks);

/// <summary>A sealed block.</summary>
public sealed record SealedBlock(int Number, string Day, long Events, string Seal, string Root);

/// <summary>A piece of a page: what was said, with a photo.</summary>
public sealed record Piece(string Title, string Text, string? Photo = null);

/// <summary>A part of a subject's page: a chart with the table behind it, a table alone, or pieces.</summary>
/// <param name="Name">By which programs ask for its table; the same whatever happens.</param>
/// <param name="Title">As the page has it.</param>
public sealed record Block(string Name, string Title)
{
    /// <summary>Of a chart.</summary>
    public IReadOnlyList<Bar> Bars { get; init; } = [];

    /// <summary>The value of a full bar.</summary>
    public decimal Most { get; init; } = 100;

    /// <summary>Of a table.</summary>
    public IReadOnlyList<string> Head { get; init; } = [];

    /// <summary>Of a table.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows { get; init; } = [];

    /// <summary>One under the other.</summary>
    public IReadOnlyList<Piece> Pieces { get; init; } = [];
}

/// <summary>A place on the map.</summary>
public sealed record MapPlace(string Name, string Path, string Address, double X, double Y, string Latitude, string Longitude, int Count);

/// <summary>A subject as its page shows it.</summary>
public sealed record SubjectPaper(
    Guid Id, string Kind, string Title, string Place, string? PlaceAddress, IReadOnlyList<string> Corrections, IReadOnlyList<(string Label, string Value)> Facts, IReadOnlyList<Block> Blocks, IReadOnlyList<(string Text, string Address)> Links,
    IReadOnlyList<(string Name, string Title)> Tables, IReadOnlyList<SubjectGroup> Related, IReadOnlyList<NewsLine> Timeline, string? Next)
{
    internal static NewsLine Line(PublicEvent told, string title = "", string address = "", string? note = null) => new(title, address, Sentences.Of(told), told.HappenedAt.DayAndHour(), note);

    internal static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
