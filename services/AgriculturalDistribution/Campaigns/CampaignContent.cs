using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.AgriculturalDistribution.Campaigns;

/// <summary>Whose packages they are, and whose roster.</summary>
internal enum ProgramOwner
{
    Ministry,
    Municipality,
    Organisation,
}

/// <summary>By which rules packages are handed out. That a person gets one of a kind is no rule of these: the database keeps it.</summary>
/// <param name="Deputies">Whether somebody else may collect, with a written authorisation.</param>
/// <param name="Redelivery">Whether what was lost, as in a drought, is given once more, with a reason and an approver.</param>
/// <param name="MinimumAge">In years, on the first day of the campaign.</param>
/// <param name="ElderlyAge">From which somebody goes first.</param>
/// <param name="HouseholdWarning">Whether it is said that somebody else of the household has got a package; nobody is told no for it.</param>
internal sealed record CampaignRules(bool Deputies = false, bool Redelivery = false, [Between(0, 120)] int MinimumAge = 18, [Between(0, 120)] int ElderlyAge = 60, bool HouseholdWarning = true)
{
    public static CampaignRules Example => new(true);
}

/// <param name="Name">As "Semilla de maíz certificada".</param>
/// <param name="Unit">In which it is counted, as "lb".</param>
internal sealed record ArticleContent([PublicText(100)] string Name, [PublicText(20)] string Unit)
{
    public static ArticleContent Example => new("Semilla de maíz certificada", "lb");
}

/// <param name="Article">Its number among the articles, from 1.</param>
/// <param name="Quantity">In the article's unit.</param>
internal sealed record ComponentContent([Between(1, 50)] int Article, decimal Quantity)
{
    public static ComponentContent Example => new(1, 22);
}

/// <param name="Code">The roster's word for it, as "maiz".</param>
/// <param name="Name">As "Paquete de maíz".</param>
/// <param name="Components">What is in it.</param>
internal sealed record PackageContent([PublicText(30)] string Code, [PublicText(100)] string Name, [Count(1, 20)] IReadOnlyList<ComponentContent> Components)
{
    public static PackageContent Example => new("maiz", "Paquete de maíz", [ComponentContent.Example]);
}

internal sealed record QuotaContent([Between(1, 15)] int Package, [Between(0, 10_000_000)] int Most)
{
    public static QuotaContent Example => new(1, 1500);
}

/// <param name="Name">As "Casa comunal Las Lomas".</param>
/// <param name="Place">Where it is.</param>
/// <param name="Quotas">How many packages of a kind it may hand out; of those that are not named, as many as come.</param>
/// <param name="Staff">Who works there, by the subject of their tokens.</param>
internal sealed record CentreContent(
    [PublicText(150)] string Name, PlaceContent Place, [Count(0, 15)] IReadOnlyList<QuotaContent>? Quotas = null, [Count(0, 100)] IReadOnlyList<string>? Staff = null)
{
    public static CentreContent Example => new("Casa comunal Las Lomas", PlaceContent.Example, [QuotaContent.Example], ["promotora.inventada"]);
}

/// <summary>A campaign as somebody writes it.</summary>
internal sealed record CampaignContent(
    [PublicText(150)] string Name, ProgramOwner Owner, [PublicText(150)] string OwnerName, [PublicText(60)] string Season, DateOnly FirstDay, DateOnly LastDay, CampaignRules Rules,
    [Count(1, 50)] IReadOnlyList<ArticleContent> Articles, [Count(1, 15)] IReadOnlyList<PackageContent> Packages, [Count(1, 200)] IReadOnlyList<CentreContent> Centres)
{
    public static CampaignContent Example => new(
        "Paquete agrícola 2027", ProgramOwner.Ministry, "Ministerio de Agricultura y Ganadería", "Mayo de 2027", new(2027, 4, 15), new(2027, 6, 30), CampaignRules.Example,
        [ArticleContent.Example], [PackageContent.Example], [CentreContent.Example]);

    public void Check()
    {
        Rule.That(FirstDay.Year is >= 2000 and <= 2100 && LastDay >= FirstDay && LastDay <= FirstDay.AddYears(2), "campaign_days", "La campaña termina el día que comienza o después, y dura dos años a lo más.", "/lastDay");
        RequireDistinct(Articles.Select(a => a.Name), "/articles", "name");
        RequireDistinct(Packages.Select(p => p.Code), "/packages", "code");
        RequireDistinct(Centres.Select(c => c.Name), "/centres", "name");
        foreach (var (index, package) in Packages.Index())
        {
            foreach (var (number, component) in package.Components.Index())
            {
                var at = $"/packages/{index}/components/{number}";
                Rule.That(component.Article <= Articles.Count, "unknown_article", "No hay un artículo con ese número.", $"{at}/article");
                Rule.That(component.Quantity is > 0 and <= 100_000 && decimal.Round(component.Quantity, 2) == component.Quantity, "quantity", "La cantidad es mayor que cero, con dos decimales a lo más.", $"{at}/quantity");
            }
            Rule.That(package.Components.DistinctBy(c => c.Article).Count() == package.Components.Count, "article_twice", "Un artículo aparece dos veces en el paquete.", $"/packages/{index}/components");
        }
        foreach (var (index, centre) in Centres.Index())
        {
            var quotas = centre.Quotas ?? [];
            foreach (var (number, quota) in quotas.Index())
                Rule.That(quota.Package <= Packages.Count, "unknown_package", "No hay un paquete con ese número.", $"/centres/{index}/quotas/{number}/package");
            Rule.That(quotas.DistinctBy(q => q.Package).Count() == quotas.Count, "package_twice", "Un paquete aparece dos veces.", $"/centres/{index}/quotas");
            foreach (var (number, subject) in (centre.Staff ?? []).Index())
                Rule.That(subject is { Length: > 0 and <= 200 } && !subject.Any(char.IsControl), "staff", "Indique a cada quien por el sujeto de su token, de 200 caracteres a lo más.", $"/centres/{index}/staff/{number}");
        }
    }

    private static void RequireDistinct(IEnumerable<string> names, string at, string member)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, name) in names.Index())
            Rule.That(known.Add(name.Trim()), "name_twice", "Ese nombre aparece dos veces.", $"{at}/{index}/{member}");
    }
}
