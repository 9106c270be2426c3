using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Newspaper;

internal enum EditionState
{
    Draft,
    InReview,
    Approved,
}

internal enum NewspaperSection
{
    Notices,
    Agenda,
    Projects,
    ParticipatoryBudget,
    Associations,
    YouthCultureSport,
    Prevention,
    Packages,
    InformationRequests,
    Recognitions,
}

/// <summary>A piece of an edition, with the public events that it was made from.</summary>
internal sealed record EditionItem(NewspaperSection Section, [PublicText(150)] string Title, [PublicText(1200)] string Text, Guid? About = null, [Count(0, 50)] IReadOnlyList<Guid>? Sources = null)
{
    public static EditionItem Example => new(NewspaperSection.Projects, "Agua potable, El Ensayo", "Lleva 40 % de avance. Pagado $9,000.00 de $23,500.00.", Examples.Id, [Examples.OtherId]);
}

/// <summary>What the reviewer looked for; each has to hold.</summary>
internal sealed record ReviewChecklist(bool Privacy, bool NoElectioneering, bool PlainLanguage, bool FactsChecked)
{
    public static ReviewChecklist Example => new(true, true, true, true);
}

/// <summary>A monthly edition of the wall newspaper: drafted from the month's public events, looked through by somebody else, approved, and from then on as it is.</summary>
internal sealed class Edition : Aggregate
{
    private Edition()
    {
    }

    public int Year { get; private init; }
    public int Number { get; private init; }

    /// <summary>First day of the month that it tells of.</summary>
    public DateOnly Month { get; private init; }
    public string IssuedAt { get; private init; } = "";
    public EditionState State { get; private set; }
    public IReadOnlyList<EditionItem> Items { get; private set; } = [];

    /// <summary>Why it was returned.</summary>
    public string? Remarks { get; private set; }
    public string? SubmittedBy { get; private set; }
    public DateTimeOffset? SubmittedAt { get; private set; }
    public ReviewChecklist? Checklist { get; private set; }
    public string? ApprovedBy { get; private set; }
    public DateTimeOffset? ApprovedAt { get; private set; }
    public string CreatedBy { get; private init; } = "";
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>As <c>2026-3</c>.</summary>
    public string Name => $"{Year}-{Number}";

    public static Edition Begin(int number, DateOnly month, string issuedAt, IReadOnlyList<EditionItem> items, string by, DateTimeOffset now)
    {
        var begun = new Edition { Year = month.Year, Number = number, Month = month, IssuedAt = issuedAt, Items = items, CreatedBy = by, CreatedAt = now };
        begun.Touch();
        return begun;
    }

    public void Write(IReadOnlyList<EditionItem> items)
    {
        Rule.State(State == EditionState.Draft, "edition_not_draft", "La edición ya no está en borrador.");
        Items = items;
        Touch();
    }

    public void Submit(string by, DateTimeOffset now)
    {
        Rule.State(State == EditionState.Draft, "edition_not_draft", "La edición ya no está en borrador.");
        Rule.State(Items.Count > 0, "edition_empty", "La edición no dice nada todavía.");
        (State, SubmittedBy, SubmittedAt, Remarks) = (EditionState.InReview, by, now, null);
        Touch();
    }

    public void Return(string remarks)
    {
        Rule.State(State == EditionState.InReview, "edition_not_in_review", "La edición no está en revisión.");
        (State, SubmittedBy, SubmittedAt, Remarks) = (EditionState.Draft, null, null, remarks);
        Touch();
    }

    public void Approve(ReviewChecklist checklist, string by, DateTimeOffset now)
    {
        Rule.State(State == EditionState.InReview, "edition_not_in_review", "La edición no está en revisión.");
        Rule.State(by != SubmittedBy, "edition_own_review", "La revisa otra persona que la que la presentó.");
        Rule.That(checklist is { Privacy: true, NoElectioneering: true, PlainLanguage: true, FactsChecked: true }, "edition_checklist", "Cada punto de la revisión tiene que cumplirse; si no, devuélvala con sus observaciones.");
        (State, Checklist, ApprovedBy, ApprovedAt) = (EditionState.Approved, checklist, by, now);
        Raise(new WallNewspaperApproved
        {
            EditionId = Id, Edition = Name, Month = Month, IssuedAt = IssuedAt, ApprovedOn = now.LocalDate(),
            Items = [.. Items.Select(i => new NewspaperItem(Choice<NewspaperSection>.NameOf(i.Section), i.Title, i.Text, i.About))],
        }, now);
    }

    public Posting Post(PlaceRef place, DateOnly on, Guid photo, string by, DateTimeOffset now)
    {
        Rule.State(State == EditionState.Approved, "edition_not_approved", "Solo se coloca una edición aprobada.");
        Rule.NotInFuture(on, now, "/postedOn");
        Rule.That(on >= ApprovedAt!.Value.LocalDate(), "posted_before_approval", "No se colocó antes de aprobarse.", "/postedOn");
        var posting = new Posting
        {
            EditionId = Id, PlaceId = place.Id, PlaceKind = place.Kind, PlaceName = place.Name, PlacePath = place.Path, PostedOn = on, PhotoId = photo, RecordedBy = by, RecordedAt = now,
        };
        Raise(new WallNewspaperPosted { EditionId = Id, PostingId = posting.Id, Edition = Name, Place = place, PostedOn = on }, now);
        return posting;
    }

    public void TakeDown(Posting posting, DateOnly on, DateTimeOffset now)
    {
        Rule.State(posting.TakenDownOn is null, "posting_taken_down", "Ya se quitó de ese lugar.");
        Rule.NotInFuture(on, now, "/takenDownOn");
        Rule.That(on >= posting.PostedOn, "taken_down_before_posted", "No se quitó antes de colocarse.", "/takenDownOn");
        posting.TakenDownOn = on;
        Raise(new WallNewspaperTakenDown { EditionId = Id, PostingId = posting.Id, Edition = Name, Place = posting.Place, TakenDownOn = on }, now);
    }
}

/// <summary>Where an edition hangs, with the photo that shows it.</summary>
internal sealed class Posting
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid EditionId { get; init; }
    public required Guid PlaceId { get; init; }
    public required string PlaceKind { get; init; }
    public required string PlaceName { get; init; }
    public required string PlacePath { get; init; }
    public required DateOnly PostedOn { get; init; }
    public required Guid PhotoId { get; init; }
    public required string RecordedBy { get; init; }
    public required DateTimeOffset RecordedAt { get; init; }
    public DateOnly? TakenDownOn { get; set; }

    public PlaceRef Place => new(PlaceId, PlaceKind, PlaceName, PlacePath);
}
