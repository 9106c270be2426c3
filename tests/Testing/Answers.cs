using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit.Sdk;

namespace ProyeccionSocial.Testing;

/// <summary>What a test says of an HTTP answer.</summary>
public static class Answers
{
    /// <summary>Posts JSON, with the ETag that the caller saw.</summary>
    public static Task<HttpResponseMessage> SendJsonAsync(
        this HttpClient client, HttpMethod method, string path, object? body, string? ifMatch = null, string? idempotencyKey = null, CancellationToken cancellation = default)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.RelativeOrAbsolute));
        if (body is not null)
            request.Content = body as HttpContent ?? JsonContent.Create(body);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation); // Some answers never end.
    }

    /// <summary>The JSON of an answer that must have succeeded.</summary>
    public static async Task<JsonNode> JsonAsync(this Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new XunitException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri} → {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Checks that the answer is a problem with this status and code, in our words; gives it.</summary>
    public static async Task<JsonNode> ProblemAsync(this Task<HttpResponseMessage> answering, HttpStatusCode status, string code)
    {
        using var answer = await answering;
        var text = await answer.Content.ReadAsStringAsync();
        var problem = answer.Content.Headers.ContentType is MediaTypeHeaderValue { MediaType: "application/problem+json" } ? JsonNode.Parse(text) : null;
        if (answer.StatusCode != status || problem?["code"]?.GetValue<string>() != code || problem["title"] is null || problem["detail"] is null)
            throw new XunitException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri} → {(int)answer.StatusCode} {text}; expected {(int)status} {code}");
        return problem;
    }

    /// <summary>A text of the JSON.</summary>
    public static string Text(this JsonNode json, string property) => json[property]!.GetValue<string>();
}
