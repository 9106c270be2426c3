using QRCoder;

namespace ProyeccionSocial.Papers;

/// <summary>QR codes, drawn in the page itself.</summary>
public static class Qr
{
    /// <summary>A text, an address mostly, as an SVG element with the quiet margin that readers need.</summary>
    public static string Svg(string text)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(data);
        return svg.GetGraphic(4, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }
}
