using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.Organizations.Places;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Committees;

internal enum CommitteePost
{
    Coordinator,
    DeputyCoordinator,
    Secretary,
    Treasurer,
    Member,
}

/// <summary>A kind of committee: where it works, how many sit in it, how old they are, and whom it may not have.</summary>
internal sealed class CommitteeKind
{
    public required string Code { get; init; }
    public required string Name { get; set; }
    public int MinimumMembers { get; set; }
    public int MaximumMembers { get; set; }
    public int? MinimumAge { get; set; }
    public int? MaximumAge { get; set; }
    public required string[] PlaceKinds { get; set; }
    /// <summary>How often it meets, as a recurrence rule (RFC 5545); null when nothing is laid down.</summary>
    public string? Cadence { get; set; }
    /// <summary>Whether it is formed for a project.</summary>
    public bool ForProject { get; set; }
    /// <summary>Institutions that have a seat in it.</summary>
    public required string[] Institutions { get; set; }
    /// <summary>Whether municipal staff, council, contractor and their relatives may not sit in it.</summary>
    public bool ExcludesOfficials { get; set; }
    public required string Source { get; set; }
}

/// <summary>A seat that an assembly filled: a person's own, or an institution's with its delegate and perhaps an alternate.</summary>
internal sealed record Seat(CommitteePost Post, Person Person, string? Institution, Person? Alternate);

internal sealed class Committee : Aggregate
{
    private Committee()
    {
    }

    public string Kind { get; private init; } = "";
    public string Name { get; private init; } = "";
    public Guid PlaceId { get; private init; }
    public Place Place { get; private init; } = null!;
    public Guid? ProjectId { get; private init; }
    public string Promoter { get; private init; } = "";
    public DateOnly FormedOn { get; private init; }
    public int MinutesNumber { get; private init; }
    public DateOnly? DissolvedOn { get; private set; }
    public string? DissolvedBecause { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Formed by an assembly, whose minutes name its members.</summary>
    public static (Committee Committee, IReadOnlyList<CommitteeMember> Members) Form(
        CommitteeKind kind, string name, Place place, Guid? projectId, DateOnly formedOn, int minutesNumber, string promoter,
        IReadOnlyList<Seat> seats, DateTimeOffset now)
    {
        var placeRef = place.ToRef();
        Rule.That(kind.PlaceKinds.Contains(placeRef.Kind), "committee_place_kind", $"Un {kind.Name.ToLowerInvariant()} no se forma en ese tipo de lugar.", "/placeId");
        Rule.That(place.ExistsOn(formedOn), "place_not_in_force", "Ese lugar no estaba vigente en la fecha indicada.", "/placeId");
        Rule.That(kind.ForProject == projectId is not null, "committee_project",
            kind.ForProject ? $"Un {kind.Name.ToLowerInvariant()} es de una obra: indique projectId." : $"Un {kind.Name.ToLowerInvariant()} no es de una obra.", "/projectId");
        Rule.That(seats.Count >= kind.MinimumMembers && seats.Count <= kind.MaximumMembers, "committee_size",
            $"Un {kind.Name.ToLowerInvariant()} lleva de {kind.MinimumMembers} a {kind.MaximumMembers} integrantes.", "/members");
        var people = seats.Select(s => s.Person).Concat(seats.Where(s => s.Alternate is not null).Select(s => s.Alternate!)).ToArray();
        Rule.That(people.DistinctBy(p => p.Id).Count() == people.Length, "member_twice", "Una persona aparece dos veces.", "/members");
        foreach (var (index, seat) in seats.Index())
            RequireFitting(kind, seat, formedOn, $"/members/{index}");
        Rule.That(!seats.Where(s => s.Post != CommitteePost.Member).GroupBy(s => s.Post).Any(g => g.Count() > 1), "post_taken_twice", "Un cargo aparece dos veces.", "/members");
        Rule.That(!seats.Where(s => s.Institution is not null).GroupBy(s => s.Institution, StringComparer.OrdinalIgnoreCase).Any(g => g.Count() > 1),
            "institution_twice", "Una institución aparece dos veces.", "/members");

        var committee = new Committee
        {
            Kind = kind.Code,
            Name = name,
            PlaceId = place.Id,
            Place = place,
            ProjectId = projectId,
            Promoter = promoter,
            FormedOn = formedOn,
            MinutesNumber = minutesNumber,
            CreatedAt = now,
        };
        committee.Raise(new CommitteeFormed
        {
            CommitteeId = committee.Id,
            Kind = kind.Code,
            Name = name,
            Place = placeRef,
            FormedOn = formedOn,
            Members = seats.Count,
            ProjectId = projectId,
        }, now);
        return (committee, [.. seats.SelectMany(s => committee.Seat(s, formedOn, now))]);
    }

    /// <summary>A member leaves on a last day, and perhaps another takes the seat the day after, in the same post or for the same institution.</summary>
    /// <returns>Who takes the seat.</returns>
    public IReadOnlyList<CommitteeMember> Replace(
        CommitteeKind kind, IReadOnlyList<CommitteeMember> members, CommitteeMember leaving, Person left, DateOnly lastDay, string reason, Person? successor, DateTimeOffset now)
    {
        RequireNotDissolved();
        if (successor is not null)
            RequireNew(members, successor.Id, lastDay.AddDays(1));
        Rule.That(lastDay >= leaving.JoinedOn, "left_before_joining", "La fecha de salida es anterior a la de ingreso.", "/lastDay");
        (leaving.LeftOn, leaving.EndedBecause) = (lastDay, reason);
        Say(leaving, left, now);
        if (successor is null)
            return [];
        var seat = new Seat(leaving.Post, successor, leaving.Institution, null);
        RequireFitting(kind, seat, lastDay.AddDays(1), "", "/successorId");
        var taken = new CommitteeMember
        {
            CommitteeId = Id, PersonId = successor.Id, Post = leaving.Post, Institution = leaving.Institution, Alternate = leaving.Alternate,
            ProjectId = ProjectId, JoinedOn = lastDay.AddDays(1),
        };
        Say(taken, successor, now);
        return [taken];
    }

    /// <summary>One more seat is filled.</summary>
    public IReadOnlyList<CommitteeMember> Add(CommitteeKind kind, Seat seat, IReadOnlyList<CommitteeMember> members, DateOnly joinedOn, DateTimeOffset now)
    {
        RequireNotDissolved();
        Rule.That(seat.Alternate?.Id != seat.Person.Id, "member_twice", "Una persona aparece dos veces.", "/alternateId");
        RequireNew(members, seat.Person.Id, joinedOn);
        if (seat.Alternate is not null)
            RequireNew(members, seat.Alternate.Id, joinedOn);
        var seatsTaken = members.Count(m => !m.Alternate && !(m.LeftOn < joinedOn));
        Rule.That(joinedOn >= FormedOn, "joined_before_forming", "La fecha de ingreso es anterior a la formación del comité.", "/joinedOn");
        Rule.State(seatsTaken < kind.MaximumMembers, "committee_size", $"Un {kind.Name.ToLowerInvariant()} lleva hasta {kind.MaximumMembers} integrantes.");
        RequireFitting(kind, seat, joinedOn, "");
        return [.. Seat(seat, joinedOn, now)];
    }

    /// <summary>Its work is done, or its assembly ends it.</summary>
    public void Dissolve(DateOnly on, string reason, IReadOnlyList<(CommitteeMember Member, Person Person)> members, DateTimeOffset now)
    {
        RequireNotDissolved();
        Rule.That(on >= FormedOn, "dissolved_before_forming", "La fecha es anterior a la formación del comité.", "/dissolvedOn");
        (DissolvedOn, DissolvedBecause) = (on, reason);
        foreach (var (member, person) in members.Where(m => m.Member.LeftOn is null || m.Member.LeftOn > on))
        {
            Rule.State(member.JoinedOn <= on, "member_joined_later", "Hay integrantes que entraron después de esa fecha.");
            (member.LeftOn, member.EndedBecause) = (on, "Fin del comité");
            Say(member, person, now);
        }
        Raise(new CommitteeDissolved { CommitteeId = Id, Kind = Kind, Name = Name, Place = Place.ToRef(), DissolvedOn = on, ProjectId = ProjectId }, now);
    }

    private static void RequireFitting(CommitteeKind kind, Seat seat, DateOnly on, string at, string? field = null)
    {
        foreach (var person in new[] { seat.Person, seat.Alternate }.OfType<Person>())
        {
            var age = person.AgeOn(on);
            Rule.That((kind.MinimumAge ?? 0) <= age && age <= (kind.MaximumAge ?? int.MaxValue), "member_age",
                $"La edad no es la de un {kind.Name.ToLowerInvariant()} en esa fecha.", field ?? at + "/personId");
        }
        Rule.That(seat.Institution is null || kind.Institutions.Length > 0, "no_institutional_seats", $"En un {kind.Name.ToLowerInvariant()} no hay asientos de instituciones.", at + "/institution");
        Rule.That(seat.Institution is null || kind.Institutions.Contains(seat.Institution, StringComparer.OrdinalIgnoreCase), "institution_unknown",
            $"Las instituciones con asiento son: {string.Join(", ", kind.Institutions)}.", at + "/institution");
        Rule.That(seat.Alternate is null || seat.Institution is not null, "alternate_without_institution", "Solo el asiento de una institución tiene suplente.", at + "/alternateId");
    }

    private IEnumerable<CommitteeMember> Seat(Seat seat, DateOnly joinedOn, DateTimeOffset now)
    {
        foreach (var (person, alternate) in new[] { (seat.Person, false), (seat.Alternate, true) })
        {
            if (person is null)
                continue;
            var member = new CommitteeMember
            {
                CommitteeId = Id, PersonId = person.Id, Post = alternate ? CommitteePost.Member : seat.Post, Institution = seat.Institution, Alternate = alternate,
                ProjectId = ProjectId, JoinedOn = joinedOn,
            };
            Say(member, person, now);
            yield return member;
        }
    }

    private static void RequireNew(IReadOnlyList<CommitteeMember> members, Guid person, DateOnly from) =>
        Rule.State(!members.Any(m => m.PersonId == person && !(m.LeftOn < from)), "already_a_member", "Esa persona ya integra el comité en esas fechas.");

    private void RequireNotDissolved() => Rule.State(DissolvedOn is null, "committee_dissolved", "El comité ya terminó.");

    /// <summary>A seat turned out to be this person's: the one who was written into it had been registered twice.</summary>
    public void Reassign(CommitteeMember member, Person person, DateTimeOffset now)
    {
        member.PersonId = person.Id;
        Say(member, person, now);
    }

    private void Say(CommitteeMember member, Person person, DateTimeOffset now) => Raise(new CommitteeMembershipChanged
    {
        CommitteeId = Id,
        Kind = Kind,
        Name = Name,
        Place = Place.ToRef(),
        PersonId = person.Id,
        PersonName = person.FullName,
        Post = Choice<CommitteePost>.NameOf(member.Post),
        JoinedOn = member.JoinedOn,
        LeftOn = member.LeftOn,
        Institution = member.Institution,
        Alternate = member.Alternate,
    }, now);
}

internal sealed class CommitteeMember
{
    public required Guid CommitteeId { get; init; }
    public required Guid PersonId { get; set; }
    public required CommitteePost Post { get; init; }
    public string? Institution { get; init; }
    public bool Alternate { get; init; }
    public Guid? ProjectId { get; init; }
    public required DateOnly JoinedOn { get; init; }
    public DateOnly? LeftOn { get; set; }
    public string? EndedBecause { get; set; }
}

/// <summary>A committee that an approved project asks for.</summary>
internal sealed class CommitteeRequest
{
    public required Guid ProjectId { get; init; }
    public required string Kind { get; init; }
    public required string ProjectName { get; init; }
    public required Guid PlaceId { get; init; }
    public required string PlacePath { get; init; }
    public required DateOnly RequestedOn { get; init; }
    public Guid? CommitteeId { get; set; }
}
