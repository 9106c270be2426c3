using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Reports;

/// <summary>Delivered against programmed, by place, sex, age, package and day: as data, for a spreadsheet, as charts and on paper. Nobody is named.</summary>
internal static class ReportDeliveries
{
    /// <summary>Lines of an aspect that fit on paper and into a chart; the file has all of them.</summary>
    private const int MostOnPaper = 60;
    private const int MostInAFile = 100_000;

    public static void MapReportDeliveries(this IEndpointRouteBuilder campaigns)
    {
        const string By = "by es package, centre, district, canton, hamlet, sex, age o day; con package, solo ese paquete.";
        campaigns.MapGet("/{id:guid}/report", ReadAsync).WithName("GetDeliveryReport").Allow("distribution.read", ReadCampaigns.Readers)
            .WithSummary("Entregado contra programado, por paquete, centro, lugar, sexo, edad o día").WithDescription(By);
        campaigns.MapGet("/{id:guid}/report/csv", ExportAsync).WithName("ExportDeliveryReport").Allow("distribution.read", ReadCampaigns.Readers)
            .Produces<string>(200, "text/csv").WithSummary("El informe para una hoja de cálculo").WithDescription(By);
        campaigns.MapGet("/{id:guid}/report/charts/{by}", ChartAsync).WithName("GetDeliveryChart").Allow("distribution.read", ReadCampaigns.Readers)
            .Produces<string>(200, "image/svg+xml").WithSummary("Una gráfica del informe").WithDescription($"{By} Las primeras {MostOnPaper} filas.");
        campaigns.MapGet("/{id:guid}/report/print", PrintAsync).WithName("PrintDeliveryReport").Allow("distribution.read", ReadCampaigns.Readers)
            .Produces<string>(200, "text/html").WithSummary("El informe listo para imprimir, con sus gráficas");
    }

    private static async Task<Results<Ok<Page<ReportLine>>, ProblemHttpResult>> ReadAsync(
        Guid id, Choice<Aspect> by, DistributionDb db, int? package = null, string? after = null, int limit = 50, CancellationToken cancellation = default)
    {
        var size = Page.Size(limit);
        return await FindAsync(db, id, cancellation) is { } campaign
            ? TypedResults.Ok(Page.Of(await LinesAsync(db, campaign, by.Value, package, after, size + 1, cancellation), size, l => l.Key))
            : Problems.NotFound();
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportAsync(
        Guid id, Choice<Aspect> by, DistributionDb db, int? package = null, CancellationToken cancellation = default)
    {
        if (await FindAsync(db, id, cancellation) is not { } campaign)
            return Problems.NotFound();
        var lines = await LinesAsync(db, campaign, by.Value, package, null, MostInAFile, cancellation);
        return Csv.File(
            $"entregas-por-{Choice<Aspect>.NameOf(by.Value)}.csv", [ReportWords.Of(by.Value).ToLowerInvariant(), "programados", "entregados", "porcentaje", "entregados_en_parte", "no_quisieron", "no_llegaron", "en_revision", "en_espera"],
            lines.ToAsyncEnumerable(), static (csv, l) =>
            {
                csv.WriteField(l.Name);
                csv.WriteField(l.Programmed);
                csv.WriteField(l.Delivered);
                csv.WriteField(l.Percent);
                csv.WriteField(l.Partly);
                csv.WriteField(l.Refused);
                csv.WriteField(l.NoShow);
                csv.WriteField(l.UnderReview);
                csv.WriteField(l.Waiting);
            });
    }

    private static async Task<IResult> ChartAsync(Guid id, Choice<Aspect> by, DistributionDb db, int? package = null, CancellationToken cancellation = default) =>
        await FindAsync(db, id, cancellation) is { } campaign
            ? new RazorComponentResult<BarChart>(new Dictionary<string, object?>
            {
                ["Title"] = ReportWords.TitleOf(by.Value), ["Bars"] = ReportWords.Bars(await LinesAsync(db, campaign, by.Value, package, null, MostOnPaper, cancellation)),
            }) { ContentType = "image/svg+xml; charset=utf-8", PreventStreamingRendering = true }
            : Problems.NotFound();

    private static async Task<IResult> PrintAsync(Guid id, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        if (await FindAsync(db, id, cancellation) is not { } campaign)
            return Problems.NotFound();
        Aspect[] aspects = [Aspect.Package, Aspect.Centre, Aspect.Canton, Aspect.Sex, Aspect.Age, Aspect.Day];
        var lines = await CampaignReport.ReadAsync(db, campaign, null, [.. aspects.Select(a => new CampaignReport.Part(a, null, MostOnPaper + 1))], cancellation);
        var paper = new ReportPaper(
            campaign.Name, campaign.OwnerName, campaign.Season, time.GetUtcNow().DayAndHour(),
            [.. aspects.Where(a => lines[a].Any()).Select(a => ReportPaper.Section.Of(a, [.. lines[a].Take(MostOnPaper)], lines[a].Count() > MostOnPaper))]);
        return Html.Page<ReportPage>(http, new() { ["Paper"] = paper });
    }

    private static async Task<List<ReportLine>> LinesAsync(DistributionDb db, Campaign campaign, Aspect by, int? package, string? after, int most, CancellationToken cancellation) =>
        [.. (await CampaignReport.ReadAsync(db, campaign, package, [new(by, after, most)], cancellation))[by]];

    private static Task<Campaign?> FindAsync(DistributionDb db, Guid id, CancellationToken cancellation) => db.Campaigns.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation);
}

internal static class ReportWords
{
    public static string Of(Aspect by) => by switch
    {
        Aspect.Package => "Paquete",
        Aspect.Centre => "Centro",
        Aspect.District => "Distrito",
        Aspect.Canton => "Cantón",
        Aspect.Hamlet => "Caserío",
        Aspect.Sex => "Sexo",
        Aspect.Age => "Edad",
        _ => "Día",
    };

    public static string TitleOf(Aspect by) => $"Entregado de lo programado, por {Of(by).ToLowerInvariant()}";

    public static IReadOnlyList<Bar> Bars(IEnumerable<ReportLine> lines) =>
        [.. lines.Select(l => new Bar(l.Name, l.Percent is { } percent ? Math.Min(percent, 100) : null, $"{Count(l.Delivered)} de {Count(l.Programmed)}{(l.Percent is { } p ? $" ({Percent(p)})" : "")}"))];

    public static string Count(int packages) => packages.ToString("N0", CultureInfo.InvariantCulture);

    public static string Percent(decimal percent) => percent.ToString("0.#", CultureInfo.InvariantCulture) + " %";
}

/// <summary>The report as it is printed.</summary>
public sealed record ReportPaper(string Campaign, string Owner, string Season, string PrintedAt, IReadOnlyList<ReportPaper.Section> Sections)
{
    /// <summary>One aspect: its lines, and its chart where one says more than the table.</summary>
    public sealed record Section(string Title, string Head, IReadOnlyList<Line> Lines, IReadOnlyList<Bar> Bars, bool HasMore)
    {
        internal static Section Of(Aspect by, IReadOnlyList<ReportLine> lines, bool hasMore) => new(
            $"Por {ReportWords.Of(by).ToLowerInvariant()}", ReportWords.Of(by),
            [
                .. lines.Select(l => new Line(
                    l.Name, ReportWords.Count(l.Programmed), ReportWords.Count(l.Delivered), l.Percent is { } percent ? ReportWords.Percent(percent) : "–", ReportWords.Count(l.Partly), ReportWords.Count(l.Refused),
                    ReportWords.Count(l.NoShow), ReportWords.Count(l.UnderReview), ReportWords.Count(l.Waiting))),
            ],
            lines.Count > 1 ? ReportWords.Bars(lines) : [], hasMore);
    }

    /// <summary>A line.</summary>
    public sealed record Line(string Name, string Programmed, string Delivered, string Percent, string Partly, string Refused, string NoShow, string UnderReview, string Waiting);
}
