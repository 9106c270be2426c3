using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.Organizations.Places;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.Organizations.Committees;

internal enum CommitteePost
{
    Coordinator,
    DeputyCoordinator,
    Secretary,
    Treasurer,
    Member,
}

/// <summary>A kind of committee: where it works, how many sit in it and how old they are.</summary>
internal sealed class CommitteeKind
{
    public required string Code { get; init; }
    public required string Name { get; init; }
    public int MinimumMembers { get; init; }
    public int MaximumMembers { get; init; }
    public int? MinimumAge { get; init; }
    public int? MaximumAge { get; init; }
    public required string[] PlaceKinds { get; init; }
}

internal sealed class Committee : Aggregate
{
    private Committee()
    {
    }

    public string Kind { get; private init; } = "";
    public string Name { get; private init; } = "";
    public Guid PlaceId { get; private init; }
    public Place Place { get; private init; } = null!;
    public DateOnly FormedOn { get; private init; }
    public int MinutesNumber { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Formed by an assembly, whose minutes name its members.</summary>
    public static (Committee Committee, IReadOnlyList<CommitteeMember> Members) Form(
        CommitteeKind kind, string name, Place place, DateOnly formedOn, int minutesNumber,
        IReadOnlyList<(CommitteePost Post, Person Person)> elected, DateTimeOffset now)
    {
        var placeRef = place.ToRef();
        Rule.That(kind.PlaceKinds.Contains(placeRef.Kind), "committee_place_kind", $"Un {kind.Name.ToLowerInvariant()} no se forma en ese tipo de lugar.", "/placeId");
        Rule.That(place.ExistsOn(formedOn), "place_not_in_force", "Ese lugar no estaba vigente en la fecha indicada.", "/placeId");
        Rule.That(elected.Count >= kind.MinimumMembers && elected.Count <= kind.MaximumMembers, "committee_size",
            $"Un {kind.Name.ToLowerInvariant()} lleva de {kind.MinimumMembers} a {kind.MaximumMembers} integrantes.", "/members");
        Rule.That(elected.Select(e => e.Person.Id).Distinct().Count() == elected.Count, "member_twice", "Una persona aparece dos veces.", "/members");
        foreach (var (index, (_, person)) in elected.Index())
        {
            var age = person.AgeOn(formedOn);
            Rule.That((kind.MinimumAge ?? 0) <= age && age <= (kind.MaximumAge ?? int.MaxValue), "member_age",
                $"La edad no es la de un {kind.Name.ToLowerInvariant()} en la fecha de formación.", $"/members/{index}/personId");
        }
        var repeated = elected.Where(e => e.Post != CommitteePost.Member).GroupBy(e => e.Post).Any(g => g.Count() > 1);
        Rule.That(!repeated, "post_taken_twice", "Un cargo aparece dos veces.", "/members");

        var committee = new Committee
        {
            Kind = kind.Code,
            Name = name,
            PlaceId = place.Id,
            Place = place,
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
            Members = elected.Count,
        }, now);
        foreach (var (post, person) in elected)
        {
            committee.Raise(new CommitteeMembershipChanged
            {
                CommitteeId = committee.Id,
                Kind = kind.Code,
                Name = name,
                Place = placeRef,
                PersonId = person.Id,
                PersonName = person.FullName,
                Post = System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(post.ToString()),
                JoinedOn = formedOn,
            }, now);
        }
        var members = elected.Select(e => new CommitteeMember { CommitteeId = committee.Id, PersonId = e.Person.Id, Post = e.Post, JoinedOn = formedOn });
        return (committee, [.. members]);
    }
}

internal sealed class CommitteeMember
{
    public required Guid CommitteeId { get; init; }
    public required Guid PersonId { get; init; }
    public required CommitteePost Post { get; init; }
    public required DateOnly JoinedOn { get; init; }
    public DateOnly? LeftOn { get; init; }
}
