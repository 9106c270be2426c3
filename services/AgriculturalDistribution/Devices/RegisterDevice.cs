using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.AgriculturalDistribution.Devices;

/// <summary>A device makes its own key and number; the unit says that it is one of theirs, or is not any more.</summary>
internal static class RegisterDevice
{
    public static void MapRegisterDevice(this IEndpointRouteBuilder devices)
    {
        devices.MapPut("/{device:guid}", RegisterAsync).WithName("RegisterDevice").Allow("distribution.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Registrar un aparato que trabajará sin señal, con su llave pública").WithDescription("El aparato hace su propio identificador y su par de llaves (EC P-256); la privada no sale de él.");
        devices.MapPost("/{device:guid}/revocation", RevokeAsync).WithName("RevokeDevice").Allow("distribution.write", Roles.UnitHead)
            .WithSummary("Dar de baja un aparato perdido o robado: lo que envíe desde entonces se guarda y no cuenta");
    }

    /// <param name="Kty">EC.</param>
    /// <param name="Crv">P-256.</param>
    /// <param name="X">Base64url of 32 bytes.</param>
    /// <param name="Y">Base64url of 32 bytes.</param>
    internal sealed record PublicKey([PublicText(10)] string Kty, [PublicText(10)] string Crv, [Text(60)] string X, [Text(60)] string Y)
    {
        public static PublicKey Example => new("EC", "P-256", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    }

    internal sealed record NewDevice([PublicText(100)] string Name, PublicKey Key)
    {
        public static NewDevice Example => new("Tableta de Las Lomas", PublicKey.Example);
    }

    internal sealed record DeviceView(Guid Id, string Name, bool Revoked)
    {
        public static DeviceView Example => new(Examples.Id, "Tableta de Las Lomas", false);
    }

    private static async Task<Results<Created<DeviceView>, Ok<DeviceView>, ProblemHttpResult>> RegisterAsync(
        Guid device, NewDevice request, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        Rule.That(request.Key is { Kty: "EC", Crv: "P-256" } && Journal.KeyOf(Journal.Write(request.Key)) is not null, "device_key", "La llave del aparato es una llave pública EC P-256 en formato JWK.", "/key");
        var key = Journal.Write(request.Key);
        var isNew = await db.Database.ExecuteSqlAsync(
            $"INSERT INTO device (id, name, key, registered_by, registered_at) VALUES ({device}, {request.Name.Trim()}, {key}::jsonb, {Access.CallerOf(http.User)}, {time.GetUtcNow()}) ON CONFLICT DO NOTHING", cancellation) == 1;
        var known = await db.Database.SqlQuery<Known>($"""SELECT name AS "Name", revoked_at IS NOT NULL AS "Revoked", key = {key}::jsonb AS "Same" FROM device WHERE id = {device}""").SingleAsync(cancellation);
        Rule.State(known.Same, "device_exists", "Ya hay un aparato con ese identificador y otra llave.");
        var view = new DeviceView(device, known.Name, known.Revoked);
        return isNew ? TypedResults.Created($"/v1/distribution/devices/{device}", view) : TypedResults.Ok(view);
    }

    private sealed record Known(string Name, bool Revoked, bool Same);

    private static async Task<Results<Ok<DeviceView>, ProblemHttpResult>> RevokeAsync(Guid device, DistributionDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        var names = await db.Database.SqlQuery<string>(
            $"""
            UPDATE device SET revoked_by = coalesce(revoked_by, {Access.CallerOf(http.User)}), revoked_at = coalesce(revoked_at, {time.GetUtcNow()}) WHERE id = {device} RETURNING name AS "Value"
            """).ToListAsync(cancellation);
        return names is [var name] ? TypedResults.Ok(new DeviceView(device, name, true)) : Problems.NotFound();
    }
}
