using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace ProyeccionSocial.EventsAndMeetings.Notices;

/// <summary>
/// E-mail by the server that the connection string <c>smtp</c> names: <c>smtp://user:password@host:587</c>, or
/// <c>smtps://…:465</c>. Encrypted wherever the server offers it.
/// </summary>
internal sealed class SmtpNotifier(Uri server, string from) : INotifier
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task NotifyAsync(Message message, CancellationToken cancellation)
    {
        var mail = new MimeMessage { Subject = message.Subject, MessageId = $"{message.Id:N}@{MailboxAddress.Parse(from).Domain}", Body = new TextPart("plain") { Text = message.Text } };
        mail.From.Add(MailboxAddress.Parse(from));
        mail.To.Add(MailboxAddress.TryParse(message.Address, out var to) ? new MailboxAddress(message.Name, to.Address) : throw new UndeliverableException("no address"));
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        using var client = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        try
        {
            await client.ConnectAsync(
                server.Host, server.Port > 0 ? server.Port : 25, server.Scheme == "smtps" ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable, cancellation);
            if (server.UserInfo.Split(':') is [var user, var password])
                await client.AuthenticateAsync(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password), cancellation);
            await client.SendAsync(mail, cancellation);
        }
        catch (SmtpCommandException refused) when (refused.ErrorCode is SmtpErrorCode.RecipientNotAccepted && (int)refused.StatusCode >= 550)
        {
            throw new UndeliverableException($"{(int)refused.StatusCode}", refused);
        }
        await client.DisconnectAsync(true, cancellation);
    }
}
