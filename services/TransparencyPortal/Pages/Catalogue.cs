using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.TransparencyPortal.Events;
using ProyeccionSocial.TransparencyPortal.History;

namespace ProyeccionSocial.TransparencyPortal.Pages;

/// <summary>The open data as a catalogue that other catalogues harvest: DCAT 3, as JSON-LD.</summary>
internal static class Catalogue
{
    private const string License = "https://creativecommons.org/licenses/by/4.0/";
    private const int MostArchives = 400;

    public static void MapCatalogue(this IEndpointRouteBuilder api) =>
        api.MapGet("/catalog", ReadAsync).WithName("GetCatalog").AllowAnonymous().WithTags("open-data").Produces<string>(200, "application/ld+json")
            .WithSummary("Catálogo de los datos abiertos (DCAT, JSON-LD): cada tema en CSV y JSON, la historia de cada servicio y los archivos por trimestre");

    private static async Task<IResult> ReadAsync(NpgsqlDataSource database, HttpContext http, IConfiguration configuration, TimeProvider time, CancellationToken cancellation)
    {
        var home = (configuration["PublicUrl"] ?? $"{http.Request.Scheme}://{http.Request.Host}").TrimEnd('/');
        var changed = (await Rows.ReadAsync(database, "SELECT kind, max(changed_at) FROM subject GROUP BY kind", [], r => (Kind: r.GetString(0), At: r.GetFieldValue<DateTimeOffset>(1)), cancellation)).ToDictionary(c => c.Kind, c => c.At);
        var api = $"{home}/v1/transparency";
        var datasets = new JsonArray(
        [
            .. Kind.All.Select(k => Dataset($"{api}/subjects?kind={k.Name}", k.Title, k.About, changed.TryGetValue(k.Name, out var at) ? at : null,
                Distribution($"{api}/subjects/export?kind={k.Name}", "text/csv"), Distribution($"{api}/subjects?kind={k.Name}", "application/json"))),
            .. FeedClient.Sources.Select(s => Dataset($"{api}/history/{s}/blocks", $"Historia sellada: {s}", "Cada evento publicado, tal como se selló, con sus bloques.", null,
                Distribution($"{api}/history/{s}/export", "application/x-ndjson"))),
            .. (await Archives.AllAsync(database, time, null, MostArchives, cancellation)).Select(a => Dataset($"{api}/archives/{a.Quarter}", $"Archivo del trimestre {a.Quarter}", "Lo publicado y sellado en el trimestre.", null,
                Distribution($"{api}/archives/{a.Quarter}", "application/zip"))),
        ]);
        var catalogue = new JsonObject
        {
            ["@context"] = new JsonObject { ["dcat"] = "http://www.w3.org/ns/dcat#", ["dct"] = "http://purl.org/dc/terms/", ["foaf"] = "http://xmlns.com/foaf/0.1/", ["xsd"] = "http://www.w3.org/2001/XMLSchema#" },
            ["@id"] = $"{api}/catalog", ["@type"] = "dcat:Catalog", ["dct:title"] = Spanish("Datos abiertos de la Unidad de Proyección Social"),
            ["dct:description"] = Spanish("Asociaciones, comités, reuniones, plan operativo, presupuesto participativo, obras y paquetes agrícolas, sin datos personales."),
            ["dct:publisher"] = new JsonObject { ["@type"] = "foaf:Organization", ["foaf:name"] = "Alcaldía Municipal, Unidad de Proyección Social" },
            ["dct:language"] = "es", ["dct:license"] = Link(License), ["foaf:homepage"] = Link(home), ["dcat:dataset"] = datasets,
        };
        return TypedResults.Text(catalogue.ToJsonString(), "application/ld+json; charset=utf-8");
    }

    private static JsonObject Dataset(string id, string title, string about, DateTimeOffset? changed, params JsonNode[] distributions)
    {
        var dataset = new JsonObject
        {
            ["@id"] = $"{id}#datos", ["@type"] = "dcat:Dataset", ["dct:title"] = Spanish(title), ["dct:description"] = Spanish(about), ["dct:license"] = Link(License), ["dcat:distribution"] = new JsonArray(distributions),
        };
        if (changed is { } at)
            dataset["dct:modified"] = new JsonObject { ["@type"] = "xsd:date", ["@value"] = at.LocalDate().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) };
        return dataset;
    }

    private static JsonObject Distribution(string address, string type) => new()
    {
        ["@type"] = "dcat:Distribution", ["dcat:accessURL"] = Link(address), ["dcat:downloadURL"] = Link(address), ["dcat:mediaType"] = Link($"https://www.iana.org/assignments/media-types/{type}"), ["dct:license"] = Link(License),
    };

    private static JsonObject Spanish(string text) => new() { ["@language"] = "es", ["@value"] = text };

    private static JsonObject Link(string address) => new() { ["@id"] = address };
}
