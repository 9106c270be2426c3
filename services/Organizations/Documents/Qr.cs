using QRCoder;

namespace ProyeccionSocial.Organizations.Documents;

internal static class Qr
{
    /// <summary>An address as a QR code, drawn in the page itself, with the quiet margin that readers need.</summary>
    public static string Svg(Uri address)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(address.AbsoluteUri, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(data);
        return svg.GetGraphic(4, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }
}
