using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Organizations.Places;

/// <summary>Where a place is on the map: its middle, as somebody who knows it says. Never where a person lives.</summary>
internal sealed class PlaceLocation : Aggregate
{
    private PlaceLocation()
    {
    }

    public decimal Latitude { get; private set; }
    public decimal Longitude { get; private set; }

    public static PlaceLocation Of(Guid place) => new() { Id = place };

    public void Set(Place place, decimal latitude, decimal longitude, DateTimeOffset now)
    {
        (Latitude, Longitude) = (latitude, longitude);
        Raise(new PlaceLocated { Place = place.ToRef(), Latitude = latitude, Longitude = longitude }, now);
    }
}

internal static class LocatePlace
{
    public static void MapLocatePlace(this IEndpointRouteBuilder places)
    {
        places.MapPut("/{id:guid}/location", SetAsync).WithName("LocatePlace").Allow("organizations.write", Roles.Promoter, Roles.UnitHead, Roles.Secretary)
            .WithSummary("Decir dónde está un lugar en el mapa").WithDescription("El centro del lugar, en grados con cuatro decimales. Si ya se dijo, envíe su ETag en If-Match.");
        places.MapGet("/{id:guid}/location", GetAsync).WithName("GetPlaceLocation").Allow("organizations.read", Roles.Promoter, Roles.UnitHead, Roles.Secretary, Roles.Auditor)
            .WithSummary("Dónde está un lugar en el mapa");
    }

    internal sealed record Location(decimal Latitude, decimal Longitude)
    {
        public static Location Example => new(13.7012m, -89.2243m);
    }

    private static async Task<Results<Ok<Location>, ProblemHttpResult>> SetAsync(
        Guid id, Location request, [FromHeader(Name = "If-Match")] string? ifMatch, OrganizationsDb db, HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        // The country and its islands.
        Rule.That(request.Latitude is >= 12.9m and <= 14.6m && decimal.Round(request.Latitude, 4) == request.Latitude, "latitude_outside", "La latitud va de 12.9 a 14.6, con cuatro decimales a lo más.", "/latitude");
        Rule.That(request.Longitude is >= -90.3m and <= -87.6m && decimal.Round(request.Longitude, 4) == request.Longitude, "longitude_outside", "La longitud va de -90.3 a -87.6, con cuatro decimales a lo más.", "/longitude");
        await using var transaction = await db.BeginStepAsync(cancellation);
        // Locked by its place, because the first location has no row yet.
        if ((await db.Places.FromSql($"SELECT * FROM place WHERE id = {id} FOR NO KEY UPDATE").AsNoTracking().ToListAsync(cancellation)) is not [var place])
            return Problems.NotFound();
        var known = await db.PlaceLocations.SingleOrDefaultAsync(l => l.Id == id, cancellation);
        if (known is null)
            db.Add(known = PlaceLocation.Of(id));
        else
            Preconditions.Require(ifMatch, known.Version);
        known.Set(place, request.Latitude, request.Longitude, time.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(known.Version);
        return TypedResults.Ok(request);
    }

    private static async Task<Results<Ok<Location>, ProblemHttpResult>> GetAsync(Guid id, OrganizationsDb db, HttpContext http, CancellationToken cancellation)
    {
        if (await db.PlaceLocations.AsNoTracking().SingleOrDefaultAsync(l => l.Id == id, cancellation) is not { } known)
            return Problems.NotFound();
        http.Response.SetETag(known.Version);
        return TypedResults.Ok(new Location(known.Latitude, known.Longitude));
    }
}
