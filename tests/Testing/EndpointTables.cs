using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.Testing;

/// <summary>An endpoint as it is mapped: what it takes, and who may call it.</summary>
public sealed record ApiEndpoint(string Method, RoutePattern Pattern, EndpointMetadataCollection Metadata)
{
    private MethodInfo? Handler => Metadata.GetMetadata<MethodInfo>();

    /// <summary>As <c>POST /v1/organizations/people/</c>.</summary>
    public string Name => $"{Method} {Pattern.RawText}";

    /// <summary>What <see cref="Access.Allow"/> allowed; null where it was not called.</summary>
    public AllowedAttribute? Allowed => Metadata.GetMetadata<AllowedAttribute>();

    /// <summary>Whether anybody may call it.</summary>
    public bool IsPublic => Metadata.GetMetadata<IAllowAnonymous>() is not null;

    /// <summary>Whether it is for operators.</summary>
    public bool IsForOperators => Metadata.GetOrderedMetadata<IAuthorizeData>().Any(a => a.Policy == Roles.Operator);

    /// <summary>The record that the JSON body is read into; null for other bodies and none.</summary>
    public Type? Body => Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type && type != typeof(string) ? type : null;

    /// <summary>The content type of a body that is no JSON, as <c>text/csv</c>.</summary>
    public string? FileType => Metadata.GetMetadata<IAcceptsMetadata>() is { } accepts && accepts.RequestType == typeof(string) ? accepts.ContentTypes[0] : null;

    /// <summary>The parameters that come in the query.</summary>
    public IEnumerable<(string Name, Type Type)> Query =>
        from parameter in Handler?.GetParameters() ?? []
        where parameter.HasDefaultValue && parameter.ParameterType != typeof(CancellationToken)
            && parameter.GetCustomAttribute<Microsoft.AspNetCore.Mvc.FromHeaderAttribute>() is null
        select (parameter.Name!, Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType);

    /// <summary>The path with its parameters filled in: with <paramref name="id"/>, the number 1, a date.</summary>
    public string Path(Guid id) => "/" + string.Join('/', Pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart { Name: "number" or "quarter" } => "1",
        RoutePatternParameterPart { Name: "chart" } => "year",
        RoutePatternParameterPart { Name: "aspect" } => "technical",
        RoutePatternParameterPart { Name: "originalDate" or "date" } => "2017-02-02",
        RoutePatternParameterPart { Name: "documentName" } => "v1",
        _ => id.ToString(),
    }))));

    /// <summary>Whether a caller with this role, and for <c>integration</c> this scope, may call it.</summary>
    public bool Allows(string? role, string? scope) =>
        IsPublic || (role is not null && (IsForOperators
            ? role == Roles.Operator
            : Allowed is { } allowed && (allowed.Roles.Contains(role) || (role == Roles.Integration && scope == allowed.Scope))));
}

/// <summary>Everything that a service maps, and the tables of callers and of bad requests that each endpoint must stand.</summary>
public static class EndpointTables
{
    private static readonly Regex EnglishWords = new(@"\b(the|field|must|invalid|error occurred|bad request|not found|could not)\b", RegexOptions.IgnoreCase);

    private static readonly string[] Obligatory = ["code", "title", "detail"];

    /// <summary>Every endpoint of a service.</summary>
    public static IReadOnlyList<ApiEndpoint> Of(IServiceProvider service) =>
    [
        .. from endpoint in service.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           select new ApiEndpoint(method, endpoint.RoutePattern, endpoint.Metadata),
    ];

    /// <summary>Checks that a run found nothing wrong, and otherwise names it all.</summary>
    public static void NothingIn(IReadOnlyList<string> wrong)
    {
        if (wrong.Count > 0)
            throw new Xunit.Sdk.XunitException($"{wrong.Count} answers were wrong:\n{string.Join('\n', wrong)}");
    }

    /// <summary>A role that may call the endpoint, and the scope that goes with it.</summary>
    public static string SomebodyAllowed(ApiEndpoint endpoint) =>
        endpoint.IsForOperators ? Roles.Operator : endpoint.Allowed?.Roles[0] ?? Roles.Auditor;

    /// <summary>
    /// Calls every endpoint as everybody: each role, <c>integration</c> with no, the right and a wrong scope, and
    /// nobody. Gives what went otherwise than the table says, and what the table and the service do not have in common.
    /// </summary>
    /// <param name="service">The service's container.</param>
    /// <param name="clientFor">A client with a role and a scope.</param>
    /// <param name="table">
    /// One line for each endpoint: its scope, the letters of the roles that may call it (<see cref="RoleOf"/>), its name.
    /// <c>public</c> and <c>operator</c> stand for a scope and letters.
    /// </param>
    public static async Task<IReadOnlyList<string>> CallAsTheTableSaysAsync(IServiceProvider service, Func<string?, string?, HttpClient> clientFor, string table)
    {
        var lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToDictionary(p => $"{p[^2]} {p[^1]}", p => p[..^2]);
        var names = Of(service).Select(e => e.Name).ToHashSet();
        return
        [
            .. lines.Keys.Except(names).Select(n => n + " is in the table only"), .. names.Except(lines.Keys).Select(n => n + " is not in the table"),
            .. await CallAsEverybodyAsync(service, clientFor, (endpoint, role, scope) => lines.GetValueOrDefault(endpoint.Name) switch
            {
                ["public"] => true,
                ["operator"] => role == Roles.Operator,
                [var needed, var letters] => role is not null && (letters.Any(l => RoleOf(l) == role) || (role == Roles.Integration && scope == needed)),
                _ => endpoint.Allows(role, scope),
            }),
        ];
    }

    /// <summary>The letter of a role in a table.</summary>
    public static string RoleOf(char letter) => letter switch
    {
        'p' => Roles.Promoter,
        'u' => Roles.UnitHead,
        's' => Roles.Secretary,
        'c' => Roles.Council,
        'f' => Roles.Finance,
        'a' => Roles.Auditor,
        _ => throw new ArgumentOutOfRangeException(nameof(letter)),
    };

    /// <summary>
    /// Calls every endpoint as everybody: each role, <c>integration</c> with no, the right and a wrong scope, and
    /// nobody. Gives what went otherwise than the endpoint says.
    /// </summary>
    public static Task<IReadOnlyList<string>> CallAsEverybodyAsync(IServiceProvider service, Func<string?, string?, HttpClient> clientFor) =>
        CallAsEverybodyAsync(service, clientFor, (endpoint, role, scope) => endpoint.Allows(role, scope));

    private static async Task<IReadOnlyList<string>> CallAsEverybodyAsync(
        IServiceProvider service, Func<string?, string?, HttpClient> clientFor, Func<ApiEndpoint, string?, string?, bool> allows)
    {
        var wrong = new List<string>();
        // While it starts, /health rightly says 503.
        using var anybody = clientFor(null, null);
        await Eventually.TrueAsync(async () => (await anybody.GetAsync(new Uri("/health", UriKind.Relative))).IsSuccessStatusCode, what: "Health");
        foreach (var endpoint in Of(service))
        {
            var callers = Roles.All.Select(role => (Role: (string?)role, Scope: (string?)null))
                .Append((null, null)).Append((Roles.Integration, endpoint.Allowed?.Scope ?? "some.scope")).Append((Roles.Integration, "another.scope"));
            foreach (var (role, scope) in callers)
            {
                using var client = clientFor(role, scope);
                using var answer = await client.SendJsonAsync(new HttpMethod(endpoint.Method), endpoint.Path(Guid.CreateVersion7()), null);
                var status = (int)answer.StatusCode;
                var isRight = allows(endpoint, role, scope) ? status is not (401 or 403 or >= 500) : status == (role is null ? 401 : 403);
                if (!isRight)
                    wrong.Add($"{endpoint.Name} as {role ?? "nobody"} ({scope}) → {status}");
                else if (status is 401 or 403 && await WhyNoProblemAsync(answer) is { } why)
                    wrong.Add($"{endpoint.Name} as {role ?? "nobody"} → {status}: {why}");
            }
        }
        return wrong;
    }

    /// <summary>What the OpenAPI document does not say of the endpoints: a path that it lacks, a query parameter without a plain type.</summary>
    public static async Task<IReadOnlyList<string>> UndocumentedAsync(IServiceProvider service, HttpClient client)
    {
        var document = await client.SendJsonAsync(HttpMethod.Get, "/openapi/v1.json", null).JsonAsync();
        var wrong = new List<string>();
        foreach (var endpoint in Of(service).Where(e => e.Pattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal)))
        {
            var path = Regex.Replace(endpoint.Pattern.RawText!, ":[a-z]+}", "}").TrimEnd('/');
            var paths = document["paths"]!.AsObject();
            var operation = (paths[path] ?? paths[path + "/"])?[endpoint.Method.ToLowerInvariant()];
            if (operation is null)
                wrong.Add($"{endpoint.Name} is missing");
            foreach (var (name, _) in endpoint.Query)
            {
                var schema = operation?["parameters"]?.AsArray().SingleOrDefault(p => p!.Text("name") == name)?["schema"];
                if (schema?["type"] is null && schema?["enum"] is null)
                    wrong.Add($"{endpoint.Name} ?{name} is {schema?.ToJsonString() ?? "missing"}");
            }
        }
        return wrong;
    }

    /// <summary>The bodies and answers in JSON for which the OpenAPI document has no example, or one that the body's record is not.</summary>
    public static async Task<IReadOnlyList<string>> WithoutExampleAsync(IServiceProvider service, HttpClient client)
    {
        var document = await client.SendJsonAsync(HttpMethod.Get, "/openapi/v1.json", null).JsonAsync();
        var options = service.GetRequiredService<Microsoft.Extensions.Options.IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
        var bodies = Of(service).Where(e => e.Body is not null).ToDictionary(e => $"{e.Method} {Regex.Replace(e.Pattern.RawText!, ":[a-z]+}", "}").TrimEnd('/')}", e => e.Body!);
        var wrong = new List<string>();
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                var name = $"{method.ToUpperInvariant()} {path}";
                if (operation!["requestBody"]?["content"]?["application/json"] is { } body)
                {
                    if (body["example"] is not { } example)
                        wrong.Add($"{name}: no example of the body");
                    else if (JsonSerializer.Deserialize(example, bodies[name.TrimEnd('/')], options) is null)
                        wrong.Add($"{name}: the example is not a body");
                }
                wrong.AddRange(operation["responses"]!.AsObject().Where(r => r.Key.StartsWith('2') && r.Value!["content"]?["application/json"] is { } answer && answer["example"] is null)
                    .Select(r => $"{name}: no example of the answer {r.Key}"));
            }
        }
        return wrong;
    }

    /// <summary>What is missing from a refusal: problem+json with code, and title and detail in our words; null when nothing is.</summary>
    public static async Task<string?> WhyNoProblemAsync(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (status is < 400 or >= 500)
            return $"{status} instead of 4xx";
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.Content.Headers.ContentType is not MediaTypeHeaderValue { MediaType: "application/problem+json" })
            return $"{status} without a problem: {text}";
        var problem = JsonNode.Parse(text)!;
        return Obligatory.FirstOrDefault(member => string.IsNullOrEmpty(problem[member]?.GetValue<string>())) is { } missing
            ? $"{status} without {missing}: {text}"
            : EnglishWords.IsMatch($"{problem["title"]} {problem["detail"]} {problem["errors"]?.ToJsonString()}")
                ? $"{status} in English: {text}"
                : null;
    }
}
