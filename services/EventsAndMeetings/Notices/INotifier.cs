namespace ProyeccionSocial.EventsAndMeetings.Notices;

/// <summary>A message to one person.</summary>
/// <param name="Id">The same in every attempt, so that a mail server that has it already can tell.</param>
/// <param name="Address">Where to.</param>
/// <param name="Name">Of the person.</param>
/// <param name="Subject">Spanish, one line.</param>
/// <param name="Text">Spanish, plain.</param>
internal sealed record Message(Guid Id, string Address, string Name, string Subject, string Text);

/// <summary>A way to tell people something.</summary>
internal interface INotifier
{
    /// <summary>Hands the message over. What fails for now throws anything else.</summary>
    /// <exception cref="UndeliverableException">It will never get there.</exception>
    Task NotifyAsync(Message message, CancellationToken cancellation);
}

/// <summary>The address does not exist or refuses for good.</summary>
internal sealed class UndeliverableException(string message, Exception? because = null) : Exception(message, because);
