namespace ProyeccionSocial.EventsAndMeetings.Notices;

internal static class NoticeSetup
{
    /// <summary>Turns e-mail on where a mail server is named. Without one, whoever left an address finds their notice printed.</summary>
    public static void AddNotices(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<NoticeQueue>();
        if (builder.Configuration.GetConnectionString("smtp") is not { Length: > 0 } smtp)
            return;
        var from = builder.Configuration["Notices:From"] ?? throw new InvalidOperationException("Notices:From names the sender of e-mail; set it beside ConnectionStrings:smtp.");
        builder.Services.AddSingleton<INotifier>(new SmtpNotifier(new Uri(smtp), from));
        builder.Services.AddHostedService<SendNotices>();
    }

    /// <summary>An address of this service as people outside reach it.</summary>
    public static Uri PublicAddress(this IConfiguration configuration, string path) =>
        new($"{(configuration["PublicUrl"] ?? "http://localhost:8080").TrimEnd('/')}{path}");
}
