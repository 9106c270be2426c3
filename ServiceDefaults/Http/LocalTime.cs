using System.Globalization;

namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>The country's time: UTC−6 all year, without daylight saving.</summary>
public static class LocalTime
{
    private static readonly CultureInfo Salvadoran = CultureInfo.GetCultureInfo("es-SV");

    /// <summary>Offset from UTC.</summary>
    public static readonly TimeSpan Offset = TimeSpan.FromHours(-6);

    /// <summary>Today's date in El Salvador.</summary>
    public static DateOnly Today(this TimeProvider time) => time.GetUtcNow().LocalDate();

    /// <summary>The date in El Salvador at an instant.</summary>
    public static DateOnly LocalDate(this DateTimeOffset instant) => DateOnly.FromDateTime(instant.Local());

    /// <summary>The date and hour in El Salvador at an instant, without a zone.</summary>
    public static DateTime Local(this DateTimeOffset instant) => instant.ToOffset(Offset).DateTime;

    /// <summary>A date as people here write it: <c>31/12/2026</c>.</summary>
    public static string Day(this DateOnly date) => date.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture);

    /// <summary>A local date and hour as people here write it: <c>31/12/2026 a las 14:05</c>.</summary>
    public static string DayAndHour(this DateTime local) => local.ToString("dd/MM/yyyy 'a las' HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A local date and hour in words: <c>jueves 31 de diciembre de 2026, a las 14:05</c>.</summary>
    public static string InWords(this DateTime local) => local.ToString("dddd d 'de' MMMM 'de' yyyy, 'a las' HH:mm", Salvadoran);

    /// <summary>From one local hour until another in words; of one day only once.</summary>
    public static string InWordsUntil(this DateTime local, DateTime end) =>
        $"{local.InWords()}, hasta {(end.Date == local.Date ? end.ToString("'las' HH:mm", CultureInfo.InvariantCulture) : end.InWords())}";

    /// <summary>An instant as people here write it, in their hour.</summary>
    public static string DayAndHour(this DateTimeOffset instant) => instant.Local().DayAndHour();
}
