using ProyeccionSocial.Contracts.Agenda;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.EventsAndMeetings.Events;

internal enum CommunityEventKind
{
    Cultural,
    Artistic,
    Sports,
    Community,
    Training,
}

internal enum CommunityEventState
{
    Planned,
    Announced,
    Held,
    Cancelled,
}

/// <summary>A cultural, artistic, sports or community event of the calendar.</summary>
internal sealed class CommunityEvent : Aggregate
{
    public const int LongestDays = 31;

    private CommunityEvent()
    {
    }

    public CommunityEventKind Kind { get; private set; }
    public string Title { get; private set; } = "";
    public string Promotion { get; private set; } = "";
    public DateTime StartsAt { get; private set; }
    public DateTime EndsAt { get; private set; }
    public string Venue { get; private set; } = "";
    public string? Place { get; private set; }
    public string Organiser { get; private set; } = "";
    public string[] Partners { get; private set; } = [];
    public int? Capacity { get; private set; }
    public CommunityEventState State { get; private set; }
    public DateTimeOffset? AnnouncedAt { get; private set; }
    public string? Reason { get; private set; }
    public int? Attendance { get; private set; }
    public string? Results { get; private set; }

    /// <summary>How often people's calendars were told of a change.</summary>
    public int CalendarSequence { get; private set; }
    public string CreatedBy { get; private init; } = "";
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>The venue, with its place where that is stated.</summary>
    public string Where => Place is null ? Venue : $"{Venue}, {Place}";

    public static CommunityEvent Plan(EventContent content, string by, DateTimeOffset now)
    {
        var planned = new CommunityEvent { CreatedBy = by, CreatedAt = now };
        planned.Write(content);
        planned.Touch();
        return planned;
    }

    /// <summary>What it is changes; who was told of it already is told again.</summary>
    /// <returns>Whether it is at another hour or place, which concerns whoever registered.</returns>
    public bool Change(EventContent content, DateTimeOffset now)
    {
        RequireAhead();
        var before = (StartsAt, EndsAt, Venue, Place);
        Write(content);
        CalendarSequence++;
        if (State == CommunityEventState.Announced)
            Tell(now);
        else
            Touch();
        return before != (StartsAt, EndsAt, Venue, Place);
    }

    public void Announce(DateTimeOffset now)
    {
        Rule.State(State == CommunityEventState.Planned, "event_not_planned", "El evento ya se anunció, se realizó o se canceló.");
        (State, AnnouncedAt) = (CommunityEventState.Announced, now);
        Tell(now);
    }

    public void Cancel(string reason, DateTimeOffset now)
    {
        RequireAhead();
        (State, Reason) = (CommunityEventState.Cancelled, reason);
        CalendarSequence++;
        Raise(new CommunityEventCancelled
        {
            CommunityEventId = Id, Kind = KindName, Title = Title, Promotion = Promotion, StartsAt = StartsAt, EndsAt = EndsAt, Venue = Venue, PlacePath = Place, Organiser = Organiser,
        }, now);
    }

    public void Hold(int attendance, string results, DateOnly today, DateTimeOffset now)
    {
        RequireAhead();
        Rule.State(DateOnly.FromDateTime(StartsAt) <= today, "event_in_future", "El evento todavía no ha llegado.");
        (State, Attendance, Results) = (CommunityEventState.Held, attendance, results);
        Raise(new CommunityEventHeld
        {
            CommunityEventId = Id, Kind = KindName, Title = Title, Promotion = Promotion, StartsAt = StartsAt, EndsAt = EndsAt, Venue = Venue, PlacePath = Place, Organiser = Organiser,
            Attendance = attendance, Results = results,
        }, now);
    }

    /// <summary>Somebody registers: a seat where there is one and nobody waits for it, the waiting list otherwise.</summary>
    public Registration Register(string name, string? email, int seats, SeatsTaken taken, string by, bool bySelf, DateTimeOffset now)
    {
        Rule.State(State == CommunityEventState.Announced && EndsAt > now.Local(), "event_not_announced", "Solo se inscribe en un evento anunciado que aún no se realiza.");
        Rule.That(Capacity is null || seats <= Capacity, "seats_exceed_capacity", $"El evento tiene {Capacity} cupos.", "/seats");
        var registration = new Registration
        {
            EventId = Id, Number = taken.LastNumber + 1, Name = name, Email = email, Seats = seats, RegisteredBy = by, Resident = bySelf ? by : null, RegisteredAt = now,
            State = taken.Waiting == 0 && seats <= Free(taken.Confirmed) ? RegistrationState.Confirmed : RegistrationState.Waiting,
        };
        Touch();
        return registration;
    }

    /// <summary>Seats were freed: those who wait get them in their order, until the next party does not fit.</summary>
    /// <param name="waiting">In their order.</param>
    /// <param name="confirmed">Seats that are taken.</param>
    /// <returns>Who got them.</returns>
    public IReadOnlyList<Registration> Promote(IEnumerable<Registration> waiting, int confirmed)
    {
        List<Registration> promoted = [];
        foreach (var next in waiting.TakeWhile(r => r.Seats <= Free(confirmed)))
        {
            next.State = RegistrationState.Confirmed;
            confirmed += next.Seats;
            promoted.Add(next);
        }
        Touch();
        return promoted;
    }

    private int Free(int confirmed) => (Capacity ?? int.MaxValue) - confirmed;

    private string KindName => Choice<CommunityEventKind>.NameOf(Kind);

    private void Tell(DateTimeOffset now) => Raise(new CommunityEventAnnounced
    {
        CommunityEventId = Id, Kind = KindName, Title = Title, Promotion = Promotion, StartsAt = StartsAt, EndsAt = EndsAt, Venue = Venue, PlacePath = Place, Organiser = Organiser,
        Capacity = Capacity, Partners = Partners,
    }, now);

    private void RequireAhead() =>
        Rule.State(State is CommunityEventState.Planned or CommunityEventState.Announced, "event_over", "El evento ya se realizó o se canceló.");

    private void Write(EventContent content)
    {
        Rule.That(content.EndsAt > content.StartsAt && content.EndsAt <= content.StartsAt.AddDays(LongestDays), "event_hours", "El evento termina después de comenzar, y en un mes a lo más.", "/endsAt");
        (Kind, Title, Promotion, StartsAt, EndsAt) = (content.Kind, content.Title.Trim(), content.Promotion.Trim(), content.StartsAt, content.EndsAt);
        (Venue, Place, Organiser, Capacity) = (content.Venue.Trim(), content.Place?.Trim(), content.Organiser.Trim(), content.Capacity);
        Partners = [.. (content.Partners ?? []).Select(p => p.Trim())];
    }
}

internal enum RegistrationState
{
    Confirmed,
    Waiting,
    Cancelled,
}

/// <summary>A party that registered, under the name of one adult. Their code lets them in.</summary>
internal sealed class Registration
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid EventId { get; init; }
    public required int Number { get; init; }
    public required string Name { get; init; }
    public string? Email { get; init; }
    public required int Seats { get; init; }
    public string Code { get; init; } = Codes.New(10);
    public required RegistrationState State { get; set; }
    public DateTimeOffset? CheckedInAt { get; set; }
    public required string RegisteredBy { get; init; }

    /// <summary>The resident who registered themselves.</summary>
    public string? Resident { get; init; }
    public required DateTimeOffset RegisteredAt { get; init; }
}

/// <summary>How an event stands: the last number given, seats that are taken, and seats that are waited for.</summary>
internal sealed record SeatsTaken(int LastNumber, int Confirmed, int Waiting);

/// <summary>What an event is.</summary>
internal sealed record EventContent(
    CommunityEventKind Kind, [PublicText(150)] string Title, [PublicText(2000)] string Promotion, DateTime StartsAt, DateTime EndsAt, [PublicText(150)] string Venue,
    [PublicText(150)] string Organiser, [PublicText(300)] string? Place = null, [Count(0, 20)] IReadOnlyList<string>? Partners = null, [Between(1, 100_000)] int? Capacity = null)
{
    public static EventContent Example => new(
        CommunityEventKind.Sports, "Torneo relámpago de fútbol", "Venga a jugar y a ver jugar: ocho equipos, entrada libre.", new(2026, 5, 9, 8, 0, 0), new(2026, 5, 9, 17, 0, 0),
        "Cancha municipal", "Unidad de Proyección Social", "Las Lomas, San Ensayo, Prueba", ["Comité de jóvenes"], 120);
}
