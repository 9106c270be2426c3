namespace ProyeccionSocial.Messaging;

/// <summary>How a service is called: in its paths (<c>/v1/{name}</c>), its queue and the source of its events.</summary>
/// <param name="Name">As <c>organizations</c> or <c>agenda</c>.</param>
public sealed record ServiceIdentity(string Name);
