using System.Globalization;
using System.Text.RegularExpressions;
using ProyeccionSocial.Papers;

namespace ProyeccionSocial.EventsAndMeetings.Plans;

/// <summary>
/// A plan as a spreadsheet saves it: a row for each activity, a column for each month with a quantity, an X or the
/// weeks ("3º semana", "S1, S3"). What a cell does not say is not invented; a row that cannot be read is named.
/// </summary>
internal static partial class PlanSheet
{
    private const int MostProblems = 20;

    private static readonly string[] Months =
        ["enero|ene", "febrero|feb", "marzo|mar", "abril|abr", "mayo|may", "junio|jun", "julio|jul", "agosto|ago", "septiembre|setiembre|sep", "octubre|oct", "noviembre|nov", "diciembre|dic"];

    private static readonly string[] Columns =
    [
        "actividad|actividades", "objetivo|objetivos", "meta|metas", "unidad de medida|unidad", "responsable|responsables", "presupuesto|recursos|recursos presupuesto|recursos/presupuesto|costo",
        "indicador|indicadores", "medio de verificacion|medios de verificacion", "observaciones|observacion", .. Months,
    ];

    private const int FirstMonth = 9;

    /// <summary>The columns, for the documentation.</summary>
    public static string Header => string.Join(", ", Columns.Select(c => c.Split('|')[0]));

    /// <exception cref="FormatException">It is no plan; the message names the rows and what is wrong with them, in Spanish.</exception>
    public static PlanContent Read(byte[] file)
    {
        var objectives = new List<ObjectiveContent>();
        var activities = new List<ActivityContent>();
        var problems = new List<string>();
        using var rows = CsvRows.OpenSheet(file, Columns, Columns[1..]);
        while (rows.Read() && problems.Count < MostProblems)
        {
            try
            {
                if (ReadActivity(rows, objectives) is { } activity)
                    activities.Add(activity);
            }
            catch (FormatException wrong)
            {
                problems.Add($"fila {rows.Line}: {wrong.Message}");
            }
        }
        if (problems.Count > 0)
            throw new FormatException(string.Join(" ", problems));
        if (activities.Count == 0)
            throw new FormatException("La hoja no tiene actividades.");
        return new(objectives, activities);
    }

    private static ActivityContent? ReadActivity(CsvRows rows, List<ObjectiveContent> objectives)
    {
        var text = Clean(rows[0]);
        if (text.Length == 0 || text.StartsWith("total", StringComparison.OrdinalIgnoreCase))
            return Enumerable.Range(FirstMonth, 12).Append(2).All(c => rows[c].Length == 0) || text.Length > 0 ? null : throw new FormatException("no dice la actividad.");
        PlanDocument.Check(text);
        int? objective = null;
        if (Optional(rows[1], 1000) is { } goal)
        {
            objective = objectives.FindIndex(o => o.Text == goal) + 1;
            if (objective == 0)
            {
                objectives.Add(new(ObjectiveScope.Unit, goal));
                objective = objectives.Count;
            }
        }
        var programme = Enumerable.Range(1, 12).SelectMany(m => Cells(m, rows[FirstMonth + m - 1])).ToArray();
        return new(
            text, programme.Length > 0 ? ActivitySchedule.Programmed : ActivitySchedule.Unscheduled, null, null, programme, objective, Number(rows[2], "la meta"),
            Optional(rows[3], 60), Optional(rows[4], 150), Number(rows[5], "el presupuesto"), Optional(rows[6], 300), Optional(rows[7], 300), Optional(rows[8], 1000));
    }

    private static IEnumerable<ProgrammeCell> Cells(int month, string text)
    {
        if (text.Length == 0)
            return [];
        if (text is "x" or "X" or "✓" or "✔")
            return [new(month, 1)];
        if (WeekWord().IsMatch(text))
        {
            var weeks = WeekNumber().Matches(text).Select(m => int.Parse(m.Value, CultureInfo.InvariantCulture)).ToArray();
            return weeks.Length > 0 && weeks.All(w => w is >= 1 and <= 5) && weeks.Distinct().Count() == weeks.Length
                ? weeks.Select(w => new ProgrammeCell(month, 1, w))
                : throw new FormatException($"«{text}» no dice semanas de 1 a 5.");
        }
        return Number(text, "un mes") is { } quantity and not 0 ? [new(month, quantity)] : [];
    }

    // A point divides decimals here, and a comma thousands; files from elsewhere have it the other way round.
    private static decimal? Number(string text, string what)
    {
        var digits = text.Replace("$", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length == 0)
            return null;
        var (comma, point) = (digits.LastIndexOf(','), digits.LastIndexOf('.'));
        if (comma > point && (point >= 0 || digits.Length - comma - 1 != 3))
            digits = digits.Replace(".", "", StringComparison.Ordinal).Replace(',', '.');
        return decimal.TryParse(digits.Replace(",", "", StringComparison.Ordinal), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"«{text}» en {what} no es un número.");
    }

    private static string? Optional(string text, int longest)
    {
        var clean = Clean(text);
        if (clean.Length == 0)
            return null;
        PlanDocument.Check(clean);
        return clean.Length <= longest ? clean : throw new FormatException($"«{clean[..40]}…» pasa de {longest} caracteres.");
    }

    private static string Clean(string text) => Spaces().Replace(text, " ").Trim();

    [GeneratedRegex(@"\bsem|^\s*s\s*[1-5]", RegexOptions.IgnoreCase)]
    private static partial Regex WeekWord();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex WeekNumber();

    [GeneratedRegex(@"[\s\u00a0]+")]
    private static partial Regex Spaces();
}
