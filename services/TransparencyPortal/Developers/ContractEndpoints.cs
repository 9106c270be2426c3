using System.Text.Json;
using ProyeccionSocial.ServiceDefaults.Errors;

namespace ProyeccionSocial.TransparencyPortal.Developers;

/// <summary>The contract of the public stream, for programs that read it and for those who write them.</summary>
internal static class ContractEndpoints
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapContract(this IEndpointRouteBuilder api)
    {
        api.MapGet("/asyncapi", () => TypedResults.Text(PublicContract.AsyncApi.ToJsonString(Readable), "application/vnd.aai.asyncapi+json; charset=utf-8")).WithName("GetAsyncApi").AllowAnonymous().WithTags("developers")
            .Produces<string>(200, "application/vnd.aai.asyncapi+json").WithSummary("AsyncAPI 3 de los eventos públicos");
        api.MapGet("/schemas/{type}", IResult (string type) => PublicContract.Types.ContainsKey(type)
                ? TypedResults.Text(PublicContract.SchemaOf(type).ToJsonString(Readable), "application/schema+json; charset=utf-8") : Problems.NotFound())
            .WithName("GetEventSchema").AllowAnonymous().WithTags("developers").Produces<string>(200, "application/schema+json").ProducesProblem(404).WithSummary("JSON Schema de un tipo de evento público, como budget.project.created.v1");
    }
}
