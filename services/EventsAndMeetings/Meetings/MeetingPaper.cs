namespace ProyeccionSocial.EventsAndMeetings.Meetings;

// Public, because Razor makes its components so.

/// <summary>What the papers of a meeting say of it.</summary>
public sealed record MeetingPaper(string Kind, string Title, string Body, string Place, string When, string Venue, IReadOnlyList<string> Points, bool SecondCall);

/// <summary>A person's slip: their code to be let in, and where its QR leads.</summary>
public sealed record InvitationSlip(string Name, string Code, Uri Address);
