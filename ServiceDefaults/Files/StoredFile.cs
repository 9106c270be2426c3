using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ProyeccionSocial.ServiceDefaults.Files;

/// <summary>A photo or a paper that proves something.</summary>
public sealed class StoredFile
{
    /// <summary>In bytes.</summary>
    public const int Largest = 6 * 1024 * 1024;

    /// <summary>By which others name it.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();
    /// <summary>Of the content: the same bytes are kept once.</summary>
    public required byte[] Sha256 { get; init; }
    /// <summary><c>image/jpeg</c>, <c>image/png</c>, <c>image/webp</c> or <c>application/pdf</c>.</summary>
    public required string ContentType { get; init; }
    /// <summary>As it is given out.</summary>
    public required byte[] Content { get; init; }
    /// <summary>Who handed it in first.</summary>
    public required string StoredBy { get; init; }
    /// <summary>When it was handed in last.</summary>
    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>Null when the bytes are no photo and no PDF, whatever the request calls them.</summary>
    public static StoredFile? Of(byte[] bytes, string by, DateTimeOffset at)
    {
        if (TypeOf(bytes) is not { } type)
            return null;
        var content = type switch
        {
            "image/jpeg" => WithoutMetadata(bytes),
            "image/png" => WithoutPngMetadata(bytes),
            "image/webp" => WithoutWebpMetadata(bytes),
            _ => bytes,
        };
        return new() { Sha256 = SHA256.HashData(content), ContentType = type, Content = content, StoredBy = by, StoredAt = at };
    }

    private static string? TypeOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : bytes.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? "image/webp"
        : bytes.StartsWith("%PDF-"u8) ? "application/pdf" : null;

    /// <summary>
    /// A telephone writes into a photo where and with which device it was taken. Those segments (APP1 to APP15 and
    /// comments) are left out: the place is said in words. What a viewer needs is kept: the colours' own segment (APP14), and
    /// which side is up. No library for so little: a JPEG is a list of segments.
    /// </summary>
    public static byte[] WithoutMetadata(byte[] jpeg)
    {
        var kept = new MemoryStream(jpeg.Length);
        kept.Write(jpeg, 0, 2);
        var at = 2;
        while (at + 4 <= jpeg.Length && jpeg[at] == 0xFF && jpeg[at + 1] != 0xDA)
        {
            if (jpeg[at + 1] == 0xFF)
            {
                at++; // Fill bytes.
                continue;
            }
            var length = 2 + (jpeg[at + 2] << 8 | jpeg[at + 3]);
            if (length < 4 || at + length > jpeg.Length)
                break;
            if (jpeg[at + 1] is 0xEE or not (>= 0xE1 and <= 0xEF or 0xFE))
                kept.Write(jpeg, at, length);
            else if (jpeg[at + 1] == 0xE1 && OrientationIn(jpeg.AsSpan(at + 4, length - 4)) is > 1 and <= 8 and var orientation)
                kept.Write([0xFF, 0xE1, 0x00, 0x22, .. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0]);
            at += length;
        }
        kept.Write(jpeg, at, jpeg.Length - at);
        return kept.ToArray();
    }

    /// <summary>The same for a PNG, which is a list of chunks: those of Exif, of texts and of the hour are left out.</summary>
    public static byte[] WithoutPngMetadata(byte[] png)
    {
        const int Signature = 8, Frame = 12; // Of a chunk: length, type and checksum.
        var kept = new MemoryStream(png.Length);
        kept.Write(png, 0, Signature);
        var at = Signature;
        while (at + Frame <= png.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (length > png.Length - at - Frame)
                break;
            var type = png.AsSpan(at + 4, 4);
            if (!(type.SequenceEqual("eXIf"u8) || type.SequenceEqual("tEXt"u8) || type.SequenceEqual("zTXt"u8) || type.SequenceEqual("iTXt"u8) || type.SequenceEqual("tIME"u8)))
                kept.Write(png, at, (int)length + Frame);
            at += (int)length + Frame;
        }
        kept.Write(png, at, png.Length - at);
        return kept.ToArray();
    }

    /// <summary>The same for a WebP: its chunks of Exif and XMP are left out, and the header does not promise them any more.</summary>
    public static byte[] WithoutWebpMetadata(byte[] webp)
    {
        const int Header = 12, Frame = 8; // Of a chunk: type and length.
        const byte Exif = 0x08, Xmp = 0x04;
        var kept = new MemoryStream(webp.Length);
        kept.Write(webp, 0, Header);
        var at = Header;
        while (at + Frame <= webp.Length)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(webp.AsSpan(at + 4));
            var whole = Frame + (long)length + (length & 1); // An odd one is filled up.
            if (whole > webp.Length - at)
                break;
            var chunk = webp.AsSpan(at, (int)whole).ToArray();
            if (chunk.AsSpan().StartsWith("VP8X"u8) && length > 0)
                chunk[Frame] &= unchecked((byte)~(Exif | Xmp));
            if (!chunk.AsSpan().StartsWith("EXIF"u8) && !chunk.AsSpan().StartsWith("XMP "u8))
                kept.Write(chunk);
            at += (int)whole;
        }
        kept.Write(webp, at, webp.Length - at);
        var content = kept.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(4), (uint)content.Length - 8);
        return content;
    }

    // Tag 0x0112 of the first directory of Exif; 0 when it is not there.
    private static int OrientationIn(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 14 || !segment.StartsWith("Exif\0\0"u8))
            return 0;
        var tiff = segment[6..];
        var isLittle = tiff[0] == 'I';
        var directory = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
            return 0;
        var entries = tiff[((int)directory + 2)..];
        for (var count = Number(tiff[(int)directory..], isLittle); count > 0 && entries.Length >= 12; count--, entries = entries[12..])
        {
            if (Number(entries, isLittle) == 0x0112)
                return Number(entries[8..], isLittle);
        }
        return 0;

        static int Number(ReadOnlySpan<byte> at, bool isLittle) => isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
    }
}
