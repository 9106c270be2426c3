namespace ProyeccionSocial.EventsAndMeetings.Meetings;

// Public, because Razor makes its components so.

/// <summary>What the papers of a meeting say of it.</summary>
/// <param name="Kind">Of the meeting, in words.</param>
/// <param name="Title">Its own.</param>
/// <param name="Body">Whose it is.</param>
/// <param name="Place">Of the body.</param>
/// <param name="When">Day and hour in words.</param>
/// <param name="Venue">Where.</param>
/// <param name="Points">Of its agenda.</param>
/// <param name="SecondCall">Whether it is held with those present when nobody else comes.</param>
/// <param name="Warning">What makes an earlier paper wrong: it is off, or on another day; or not convened yet.</param>
public sealed record MeetingPaper(string Kind, string Title, string Body, string Place, string When, string Venue, IReadOnlyList<string> Points, bool SecondCall, string? Warning);

/// <summary>A person's slip: their code to be let in and where its QR leads, while the meeting is ahead.</summary>
public sealed record InvitationSlip(string Name, string? Code, Uri Address);
