using System.Text.Json.Serialization;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Files;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.AgriculturalDistribution.Deliveries;

internal enum DeliveryKind
{
    Original,

    /// <summary>Once more, after what was delivered was lost.</summary>
    Replacement,
}

internal enum Act
{
    Delivery,

    /// <summary>Somebody was there and did not want the package.</summary>
    Refusal,
}

internal enum ReceiptState
{
    Counted,
    UnderReview,

    /// <summary>It was not so: what it drew came back.</summary>
    Reversed,

    /// <summary>It was so, and it was more than is due: what it drew stays drawn.</summary>
    Excess,
}

/// <summary>Why somebody has to look at a receipt that was written without a signal.</summary>
internal enum Review
{
    /// <summary>The package had been delivered already, elsewhere.</summary>
    Twice,

    /// <summary>Something of it had been delivered already, or it is not in the package.</summary>
    Quantity,

    /// <summary>The centre does not have so much of the lot.</summary>
    Stock,
    NotAuthorised,

    /// <summary>The device's list did not have it: the person collects at another centre, or has no turn of the quota.</summary>
    OffList,
    Deputy,
    NoDay,
    CentreClosed,

    /// <summary>The device's clock was wrong: when it happened is not known.</summary>
    Clock,

    /// <summary>The lot had expired.</summary>
    Expired,
}

internal enum EvidenceKind
{
    Signature,
    Fingerprint,
}

/// <summary>The signature or the mark of whoever collects.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Image">PNG, JPEG or WebP of at most 100 KB, in base64.</param>
internal sealed record EvidenceContent(EvidenceKind Kind, byte[] Image)
{
    public const int Largest = 100 * 1024;

    public static EvidenceContent Example => new(EvidenceKind.Signature, Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="));

    /// <summary>The picture as it is kept, without what a telephone writes into it.</summary>
    public (string Type, byte[] Content) Read()
    {
        Rule.That(Image.Length is > 0 and <= Largest, "evidence", "La firma o huella es una imagen de 100 KB a lo más.", "/evidence/image");
        var file = StoredFile.Of(Image, "", default);
        Rule.That(file is { ContentType: not "application/pdf" }, "evidence", "La firma o huella es una imagen PNG, JPEG o WebP.", "/evidence/image");
        return (file!.ContentType, file.Content);
    }
}

/// <summary>Who collects for somebody else.</summary>
/// <param name="Dui">Theirs.</param>
/// <param name="Names">Theirs.</param>
/// <param name="Authorisation">The paper by which they may, as "Nota firmada del 27/04/2027".</param>
internal sealed record DeputyContent([property: JsonRequired][Dui] string Dui, [PublicText(160)] string Names, [PublicText(200)] string Authorisation)
{
    public static DeputyContent Example => new("90000002-3", "Hijo Inventado", "Nota firmada del 27/04/2027");
}

/// <summary>Something of a lot that was handed over, in its article's unit.</summary>
internal sealed record ItemView(int Lot, decimal Quantity)
{
    public static ItemView Example => new(1, 22);
}

/// <summary>What is still due, in its unit.</summary>
internal sealed record DueView(int Article, decimal Quantity)
{
    public static DueView Example => new(3, 100);
}

/// <param name="Id">Made by whoever wrote it down.</param>
/// <param name="State">Whether it counts.</param>
/// <param name="Review">What somebody has to look at.</param>
/// <param name="Act">What happened.</param>
/// <param name="Package">Its number.</param>
/// <param name="Kind">Whether it is a replacement.</param>
/// <param name="Centre">Where.</param>
/// <param name="Items">What was handed over.</param>
/// <param name="Due">What is left of the package for another day; empty when it is complete.</param>
/// <param name="HandedAt">When.</param>
/// <param name="Household">Whether somebody else of the same household has got this package. It only warns.</param>
internal sealed record ReceiptView(
    Guid Id, ReceiptState State, Review? Review, Act Act, int Package, DeliveryKind Kind, int Centre, IReadOnlyList<ItemView> Items, IReadOnlyList<DueView> Due, DateTimeOffset HandedAt, bool Household)
{
    public static ReceiptView Example => new(
        Examples.Id, ReceiptState.Counted, null, Act.Delivery, 1, DeliveryKind.Original, 1, [ItemView.Example], [DueView.Example], Examples.Instant, false);
}
