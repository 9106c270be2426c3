namespace ProyeccionSocial.ServiceDefaults.Http;

/// <summary>The country's time: UTC−6 all year, without daylight saving.</summary>
public static class LocalTime
{
    /// <summary>Offset from UTC.</summary>
    public static readonly TimeSpan Offset = TimeSpan.FromHours(-6);

    /// <summary>Today's date in El Salvador.</summary>
    public static DateOnly Today(this TimeProvider time) => DateOnly.FromDateTime(time.GetUtcNow().ToOffset(Offset).DateTime);

    /// <summary>The date in El Salvador at an instant.</summary>
    public static DateOnly LocalDate(this DateTimeOffset instant) => DateOnly.FromDateTime(instant.ToOffset(Offset).DateTime);
}
