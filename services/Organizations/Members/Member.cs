namespace ProyeccionSocial.Organizations.Members;

/// <summary>A person's membership of an association; who leaves and joins again has another one.</summary>
internal sealed class Member
{
    public required Guid AssociationId { get; init; }
    public required Guid PersonId { get; set; }
    public required DateOnly JoinedOn { get; init; }
    public DateOnly? LeftOn { get; set; }
}
