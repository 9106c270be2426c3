namespace ProyeccionSocial.EventsAndMeetings.InformationRequests;

/// <summary>A request as its page shows it to whoever has the code.</summary>
public sealed record RequestPaper(string Number, string Question, string ReceivedAt, string AnswerDue, string Words, string Decided, string? Answer, string? AnsweredOn, Uri Tracking);
