using System.Globalization;
using System.Text.RegularExpressions;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>What a file says of a plan.</summary>
internal sealed record ImportedPlan(string Unit, int Year, PlanContent Content);

/// <summary>
/// A plan as the unit wrote it: the text of a word processor's table, in which a cell is a line that begins with a
/// tab. Reads what is there and leaves unscheduled what has lost its cell.
/// </summary>
internal static partial class PlanDocument
{
    private const int LongestText = 1000;

    private static readonly string[] Weekdays = ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"];
    private static readonly string[] WeekdayCodes = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

    private static readonly string[] Months =
        ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];

    /// <exception cref="FormatException">It is no plan; the message says what is missing, in Spanish.</exception>
    public static ImportedPlan Read(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        var title = TitleLine().Match(text);
        if (!title.Success)
            throw new FormatException("No se encontró el título «Plan operativo» con su año.");
        var unit = lines.Select(Clean).FirstOrDefault(l => l.StartsWith("unidad", StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException("No se encontró el nombre de la unidad.");
        var table = Array.FindIndex(lines, l => Clean(l).StartsWith("Actividades", StringComparison.OrdinalIgnoreCase));
        if (table < 0)
            throw new FormatException("No se encontró la tabla que empieza con «Actividades».");
        var activities = ReadActivities(lines.Skip(table + 1));
        if (activities.Count == 0)
            throw new FormatException("La tabla no tiene actividades.");
        var plan = new ImportedPlan(
            Capitalised(unit), int.Parse(title.Groups[1].Value, CultureInfo.InvariantCulture), new(ReadObjectives(lines.Take(table)), activities));
        foreach (var written in activities.Select(a => a.Text).Concat(plan.Content.Objectives.Select(o => o.Text)).Append(plan.Unit))
            Check(written);
        return plan;
    }

    // Unit and activities appear in public events.
    public static void Check(string text)
    {
        var excerpt = text.Length > 40 ? text[..40] + "…" : text;
        if (text.Length > LongestText)
            throw new FormatException($"«{excerpt}» tiene más de {LongestText} caracteres.");
        if (!TextAttribute.IsText(text, LongestText) || PublicTextAttribute.HasPersonalNumber(text))
            throw new FormatException($"«{excerpt}» lleva un número de DUI o de teléfono, o un carácter que no es texto. Quítelo: el plan es público.");
    }

    private static List<ObjectiveContent> ReadObjectives(IEnumerable<string> head)
    {
        var objectives = new List<ObjectiveContent>();
        var scope = ObjectiveScope.Plan;
        foreach (var line in head)
        {
            var text = Clean(line);
            if (UnitHeading().IsMatch(text))
                scope = ObjectiveScope.Unit;
            else if (text.StartsWith('·') && Clean(text[1..]) is { Length: > 0 } objective)
                objectives.Add(new(scope, objective));
        }
        return objectives;
    }

    private static List<ActivityContent> ReadActivities(IEnumerable<string> cells)
    {
        var activities = new List<ActivityContent>();
        var emptyCells = 0; // Since the last activity: the n-th cell of a row is its n-th month.
        foreach (var line in cells.Where(l => l.Contains('\t', StringComparison.Ordinal)))
        {
            var text = Clean(line);
            if (text.Length == 0)
            {
                emptyCells++;
            }
            else if (Months.Contains(text.ToLowerInvariant()))
            {
                emptyCells = 0; // A heading of the calendar.
            }
            else if (WeekCell().Match(text) is { Success: true } week && activities.Count > 0)
            {
                activities[^1] = activities[^1] with
                {
                    Schedule = ActivitySchedule.Week,
                    ScheduleSource = text,
                    Programme = [new(Math.Min(emptyCells + 1, 12), 1, int.Parse(week.Groups[1].Value, CultureInfo.InvariantCulture))],
                };
            }
            else if (WeekdayCell().Match(text) is { Success: true } day && activities.Count > 0)
            {
                var weekday = Array.IndexOf(Weekdays, day.Groups[2].Value.ToLowerInvariant());
                activities[^1] = activities[^1] with
                {
                    Schedule = ActivitySchedule.Recurring,
                    ScheduleSource = text,
                    Rule = $"FREQ=MONTHLY;BYDAY={day.Groups[1].Value}{WeekdayCodes[weekday]}",
                };
            }
            else
            {
                activities.Add(new(text, ScheduleInWords(text)));
                emptyCells = 0;
            }
        }
        return activities;
    }

    private static ActivitySchedule ScheduleInWords(string text) =>
        text.Contains("mensual", StringComparison.OrdinalIgnoreCase) ? ActivitySchedule.Monthly
        : text.Contains("puntual", StringComparison.OrdinalIgnoreCase) ? ActivitySchedule.OneOff
        : ActivitySchedule.Unscheduled;

    private static string Clean(string line) => Spaces().Replace(line, " ").Trim().TrimStart('.').Trim();

    private static string Capitalised(string text) => char.ToUpper(text[0], CultureInfo.InvariantCulture) + text[1..];

    [GeneratedRegex(@"plan\s+operativo\s+((?:19|20)[0-9]{2})", RegexOptions.IgnoreCase)]
    private static partial Regex TitleLine();

    [GeneratedRegex(@"^objetivos?\s+de\s+la\s+unidad", RegexOptions.IgnoreCase)]
    private static partial Regex UnitHeading();

    [GeneratedRegex(@"^([1-5])\s*[º°ªa]?\s*semana$", RegexOptions.IgnoreCase)]
    private static partial Regex WeekCell();

    [GeneratedRegex(@"^([1-5])\s*[º°]?\s*(domingo|lunes|martes|miércoles|jueves|viernes|sábado)\s+de\s+cada\s+mes$", RegexOptions.IgnoreCase)]
    private static partial Regex WeekdayCell();

    [GeneratedRegex(@"[\s\u00a0]+")]
    private static partial Regex Spaces();
}
