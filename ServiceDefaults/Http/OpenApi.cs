using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ServiceDefaults;

/// <summary>The OpenAPI document of a service: its endpoints, who may call them and which errors they answer.</summary>
public static class OpenApiExtensions
{
    private static readonly (string Status, string Means)[] Refusals =
    [
        ("400", "La solicitud no se pudo leer o un campo no es válido"),
        ("401", "Falta identificarse"),
        ("403", "Sin permiso"),
        ("409", "Choca con lo ya registrado"),
        ("412", "Otra persona lo cambió mientras tanto"),
        ("422", "No cumple una regla"),
        ("428", "Falta If-Match"),
        ("429", "Demasiadas solicitudes"),
    ];

    /// <summary>Adds <c>/openapi/v1.json</c> with this title.</summary>
    public static void AddServiceOpenApi(this IServiceCollection services, string title) =>
        services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = $"Proyección Social: {title}", Version = "v1" };
                document.Servers = [];
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
                document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" };
                return Task.CompletedTask;
            });
            options.AddOperationTransformer((operation, context, _) =>
            {
                Describe(operation, context);
                Illustrate(operation, context);
                return Task.CompletedTask;
            });
        });

    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Responses ??= [];
        var isChange = context.Description.HttpMethod is not "GET";
        foreach (var (status, means) in Refusals.Where(r => isChange || r.Status is "400" or "401" or "403" or "429"))
            operation.Responses.TryAdd(status, new OpenApiResponse { Description = means });
        if (metadata.OfType<AllowedAttribute>().FirstOrDefault() is { } allowed)
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", context.Document)] = [] }];
            operation.Description = $"{operation.Description}\n\nRoles: {string.Join(", ", allowed.Roles)}; otros sistemas: integration con {allowed.Scope}.".Trim();
        }
        if (metadata.Any(m => m.GetType().Name == "IdempotentAttribute"))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "Idempotency-Key",
                In = ParameterLocation.Header,
                Description = "Repita la solicitud con la misma clave y recibirá la misma respuesta.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 200 },
            });
        }
    }

    /// <summary>Gives bodies and answers the examples of their records (<see cref="Examples"/>).</summary>
    private static void Illustrate(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAcceptsMetadata>().FirstOrDefault()?.RequestType is { } body)
            Show(operation.RequestBody?.Content, body);
        foreach (var answer in context.Description.SupportedResponseTypes.Where(r => r.StatusCode is >= 200 and < 300 && r.Type is not null))
            Show(operation.Responses?[answer.StatusCode.ToString(CultureInfo.InvariantCulture)].Content, answer.Type!);

        void Show(IDictionary<string, OpenApiMediaType>? content, Type type)
        {
            if (content?.TryGetValue("application/json", out var media) == true && Examples.Of(type) is { } example)
                media.Example = JsonSerializer.SerializeToNode(example, example.GetType(), json);
        }
    }
}
