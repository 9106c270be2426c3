using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Distribution;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.AgriculturalDistribution.Campaigns;

internal enum CampaignState
{
    Draft,

    /// <summary>Who gets what is settled; packages are handed out.</summary>
    Approved,

    /// <summary>Every centre gave its account: nothing of it changes any more.</summary>
    Closed,
    Cancelled,
}

/// <summary>Packages that are handed out in one season.</summary>
internal sealed class Campaign : Aggregate
{
    private Campaign()
    {
    }

    public string Name { get; private set; } = "";
    public ProgramOwner Owner { get; private set; }
    public string OwnerName { get; private set; } = "";
    public string Season { get; private set; } = "";
    public DateOnly FirstDay { get; private set; }
    public DateOnly LastDay { get; private set; }
    public CampaignRules Rules { get; private set; } = null!;
    public CampaignState State { get; private set; }

    /// <summary>Why it was cancelled.</summary>
    public string? Reason { get; private set; }
    public string CreatedBy { get; private init; } = "";
    public DateTimeOffset CreatedAt { get; private init; }
    public string? ApprovedBy { get; private set; }
    public DateTimeOffset? ApprovedAt { get; private set; }

    /// <summary>How many files have changed its roster.</summary>
    public int Roster { get; private set; }
    public IList<Article> Articles { get; private init; } = [];
    public IList<PackageKind> Packages { get; private init; } = [];
    public IList<Centre> Centres { get; private init; } = [];

    public static Campaign Draft(CampaignContent content, string by, DateTimeOffset now)
    {
        var campaign = new Campaign { CreatedBy = by, CreatedAt = now };
        campaign.Write(content);
        return campaign;
    }

    /// <summary>While it is a draft, it is whatever was written last. What a roster or a lot names by its number stays under it.</summary>
    /// <param name="content">As somebody writes it.</param>
    /// <param name="stocked">Numbers of the articles of which there are lots.</param>
    /// <param name="supplied">Numbers of the centres to which something came.</param>
    public void Write(CampaignContent content, IReadOnlyCollection<int>? stocked = null, IReadOnlyCollection<int>? supplied = null)
    {
        RequireDraft();
        content.Check();
        var (articles, centres) = (content.Articles.Select(a => a.Name.Trim()).ToArray(), content.Centres.Select(c => c.Name.Trim()).ToArray());
        Rule.State((stocked ?? []).All(n => Articles.Single(a => a.Number == n) is var article && IsInPlace(n, article.Name, articles) && content.Articles[n - 1].Unit.Trim() == article.Unit), "stock_names_articles", "Ya hay lotes de esos artículos: pueden llamarse de otro modo; su orden y su unidad no cambian, ni se quitan.");
        Rule.State((supplied ?? []).All(n => IsInPlace(n, Centres.Single(c => c.Number == n).Name, centres)), "stock_names_centres",
            "A esos centros ya llegó algo: pueden llamarse de otro modo; su orden no cambia, ni se quitan.");
        var codes = Packages.OrderBy(p => p.Number).Select(p => p.Code).ToArray();
        Rule.State(Roster == 0 || content.Packages.Select(p => p.Code.Trim()).Take(codes.Length).SequenceEqual(codes), "roster_names_packages",
            "El padrón ya nombra estos paquetes: sus códigos y su orden no cambian.");
        (Name, Owner, OwnerName, Season) = (content.Name.Trim(), content.Owner, content.OwnerName.Trim(), content.Season.Trim());
        (FirstDay, LastDay, Rules) = (content.FirstDay, content.LastDay, content.Rules);
        Keep(Articles, content.Articles, a => a.Number, (_, i) => i + 1, (_, i) => new() { CampaignId = Id, Number = i + 1 }, (article, a) => (article.Name, article.Unit) = (a.Name.Trim(), a.Unit.Trim()));
        Keep(Packages, content.Packages, p => p.Number, (_, i) => i + 1, (_, i) => new() { CampaignId = Id, Number = i + 1 }, (package, p) =>
        {
            (package.Code, package.Name) = (p.Code.Trim(), p.Name.Trim());
            Keep(package.Components, p.Components, c => c.Article, (c, _) => c.Article, (c, _) => new() { CampaignId = Id, Package = package.Number, Article = c.Article }, (component, c) => component.Quantity = c.Quantity);
        });
        Keep(Centres, content.Centres, c => c.Number, (_, i) => i + 1, (_, i) => new() { CampaignId = Id, Number = i + 1 }, (centre, c) =>
        {
            (centre.Name, centre.Place) = (c.Name.Trim(), c.Place);
            Keep(centre.Quotas, c.Quotas ?? [], q => q.Package, (q, _) => q.Package, (q, _) => new() { CampaignId = Id, Centre = centre.Number, Package = q.Package }, (quota, q) => quota.Most = q.Most);
            Keep(centre.Staff, [.. (c.Staff ?? []).Distinct()], s => s.Subject, (s, _) => s, (s, _) => new() { CampaignId = Id, Centre = centre.Number, Subject = s }, (_, _) => { });
        });
        Touch();
    }

    /// <summary>Whether what was at a number is there still, perhaps by another name, and not at another number.</summary>
    private static bool IsInPlace(int number, string name, string[] names) => number <= names.Length && (names[number - 1] == name || !names.Contains(name));

    /// <summary>Who gets what is settled; from here on what is handed out, where and by which rules holds.</summary>
    /// <param name="by">Subject of whoever approves.</param>
    /// <param name="peopleOf">How many may receive a package, by its number.</param>
    /// <param name="now">When.</param>
    public void Approve(string by, Func<int, int> peopleOf, DateTimeOffset now)
    {
        (State, ApprovedBy, ApprovedAt) = (CampaignState.Approved, by, now);
        Raise(new CampaignAnnounced
        {
            CampaignId = Id, Campaign = Name, Owner = OwnerName, Season = Season, FirstDay = FirstDay, LastDay = LastDay,
            Packages = [.. Packages.OrderBy(p => p.Number).Select(p => new PackageOffer(p.Name, ContentsOf(p), peopleOf(p.Number)))],
            Centres = [.. Centres.OrderBy(c => c.Number).Select(c => new CentreOffer(c.Name, c.Ref))],
        }, now);
    }

    public void RequireApprovable()
    {
        RequireDraft();
        Rule.State(Roster > 0, "roster_missing", "La campaña todavía no tiene padrón.");
    }

    /// <summary>A centre gave its account.</summary>
    public void CloseCentre(Centre centre, IReadOnlyList<PackageTotal> packages, IReadOnlyList<ArticleTotal> articles, DateTimeOffset now)
    {
        RequireApproved();
        Raise(new CentreClosed
        {
            CampaignId = Id, Campaign = Name, Owner = OwnerName, Season = Season, FirstDay = FirstDay, LastDay = LastDay, Centre = centre.Name, Place = centre.Ref, Packages = packages, Articles = articles,
        }, now);
    }

    /// <summary>Every centre gave its account, and everybody of the roster is in a state that stays.</summary>
    public void Close(IReadOnlyList<PackageTotal> packages, DateTimeOffset now)
    {
        RequireApproved();
        State = CampaignState.Closed;
        Raise(new CampaignClosed { CampaignId = Id, Campaign = Name, Owner = OwnerName, Season = Season, FirstDay = FirstDay, LastDay = LastDay, Packages = packages }, now);
    }

    /// <summary>Nothing was handed over, and nothing will be.</summary>
    public void Cancel(string reason, DateTimeOffset now)
    {
        Rule.State(State is CampaignState.Draft or CampaignState.Approved, "campaign_ended", "La campaña ya terminó.");
        var wasAnnounced = State == CampaignState.Approved;
        (State, Reason) = (CampaignState.Cancelled, reason);
        if (wasAnnounced)
            Raise(new CampaignCancelled { CampaignId = Id, Campaign = Name, Owner = OwnerName, Season = Season, FirstDay = FirstDay, LastDay = LastDay }, now);
        else
            Touch();
    }

    /// <summary>What is in a package, in words.</summary>
    public string ContentsOf(PackageKind package) => string.Join(", ", package.Components.OrderBy(c => c.Article).Select(c =>
    {
        var article = Articles.First(a => a.Number == c.Article);
        return $"{c.Quantity:0.##} {article.Unit} de {article.Name}";
    }));

    public void RequireApproved() => Rule.State(State == CampaignState.Approved, "campaign_not_approved", "La campaña no está aprobada.");

    public void RequireDraft() => Rule.State(State == CampaignState.Draft, "campaign_not_draft", "La campaña ya no es un borrador: lo que entrega, dónde y con qué reglas ya no cambia.");

    /// <summary>What stays under its key is written over, what is new is added, what is gone is removed.</summary>
    private static void Keep<TOld, TWritten, TKey>(
        IList<TOld> old, IReadOnlyList<TWritten> written, Func<TOld, TKey> keyOf, Func<TWritten, int, TKey> writtenKeyOf, Func<TWritten, int, TOld> make, Action<TOld, TWritten> write)
        where TKey : notnull
    {
        var known = old.ToDictionary(keyOf);
        foreach (var (index, one) in written.Index())
        {
            if (!known.Remove(writtenKeyOf(one, index), out var kept))
                old.Add(kept = make(one, index));
            write(kept, one);
        }
        foreach (var gone in known.Values)
            old.Remove(gone);
    }
}

/// <summary>Something that is handed out, in its unit.</summary>
internal sealed class Article
{
    public required Guid CampaignId { get; init; }
    public required int Number { get; init; }
    public string Name { get; set; } = "";
    public string Unit { get; set; } = "";
}

/// <summary>A package, by the roster's word for it.</summary>
internal sealed class PackageKind
{
    public required Guid CampaignId { get; init; }
    public required int Number { get; init; }
    public string Code { get; set; } = "";
    public string Name { get; set; } = "";
    public IList<PackageComponent> Components { get; init; } = [];
}

internal sealed class PackageComponent
{
    public required Guid CampaignId { get; init; }
    public required int Package { get; init; }
    public required int Article { get; init; }
    public decimal Quantity { get; set; }
}

/// <summary>Where packages are handed out.</summary>
internal sealed class Centre
{
    public required Guid CampaignId { get; init; }
    public required int Number { get; init; }
    public string Name { get; set; } = "";
    public PlaceContent Place { get; set; } = null!;

    /// <summary>Where it is, as events name a place.</summary>
    public PlaceRef Ref => new(Place.Id, Place.Kind, Place.Name, Place.Path);
    public IList<CentreQuota> Quotas { get; init; } = [];
    public IList<CentreStaff> Staff { get; init; } = [];
}

internal sealed class CentreQuota
{
    public required Guid CampaignId { get; init; }
    public required int Centre { get; init; }
    public required int Package { get; init; }
    public int Most { get; set; }
}

internal sealed class CentreStaff
{
    public required Guid CampaignId { get; init; }
    public required int Centre { get; init; }
    public required string Subject { get; init; }
}
