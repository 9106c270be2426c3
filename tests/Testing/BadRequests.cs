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

/// <summary>A request that must be refused or, where <see cref="MayPass"/>, at least answered in an orderly way.</summary>
public sealed record BadRequest(string What, HttpContent? Content, string Query = "", bool MayPass = false, string? Code = null);

/// <summary>The bad requests that can be made of what an endpoint says it takes.</summary>
public static class BadRequests
{
    private const string Json = "application/json";
    private const long SmallestLarge = 10 * 1024 * 1024;
    private const string Surrogate = "\"SURROGATE\"";

    /// <summary>All of them for one endpoint.</summary>
    public static IEnumerable<BadRequest> For(ApiEndpoint endpoint) =>
        OfQuery(endpoint).Concat(endpoint.Body is { } body ? OfJson(endpoint, body) : endpoint.FileType is { } type ? OfFile(endpoint, type) : []);

    /// <summary>A body that can be read and breaks no rule of form: its dates are good and its ids are nobody's.</summary>
    public static JsonNode Sample(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Sample(underlying);
        if (type == typeof(string))
            return "Texto";
        if (type == typeof(DateOnly))
            return "2017-02-02";
        if (type == typeof(DateTime))
            return "2017-02-02T14:00:00";
        if (type == typeof(TimeOnly))
            return "14:00:00";
        if (type == typeof(Guid))
            return Guid.CreateVersion7().ToString();
        if (type == typeof(int) || type == typeof(decimal))
            return 1;
        if (type == typeof(bool))
            return true;
        if (type.IsEnum)
            return JsonNamingPolicy.KebabCaseLower.ConvertName(Enum.GetNames(type)[0]);
        if (ElementOf(type) is { } element)
            return new JsonArray(Sample(element));
        var members = Members(type).Where(m => !m.HasDefaultValue || m.ParameterType == typeof(Guid?))
            .Select(m => KeyValuePair.Create(Name(m), (JsonNode?)(m.Name == "Dui" ? "90000001-7" : Sample(m.ParameterType))));
        return new JsonObject(members);
    }

    private static IEnumerable<BadRequest> OfQuery(ApiEndpoint endpoint)
    {
        foreach (var (name, type) in endpoint.Query)
        {
            var hostile = type == typeof(int) || type == typeof(long) ? ["abc", "1.5", "99999999999999999999", "1e9", "%00", .. name == "limit" ? new[] { "0", "-1", "100000" } : []]
                : type == typeof(Guid) ? ["abc", "%00", "00000000-0000-0000-0000-00000000000g"]
                : type == typeof(DateOnly) ? ["ayer", "2017-02-30", "10000-01-01", "%00"]
                : type == typeof(string) ? ["%00"]
                : new[] { "nada", "99", "-1", "%00" };
            foreach (var value in hostile)
                yield return new($"?{name}={value}", null, $"?{name}={value}");
            foreach (var value in type == typeof(DateOnly) ? ["0001-01-01", "9999-12-31"] : type == typeof(long) ? ["-9223372036854775808", "9223372036854775807"] : new[] { Uri.EscapeDataString("😀 \u202Eسلام' OR 1=1--"), new string('x', 6000) })
                yield return new($"?{name}={value[..Math.Min(20, value.Length)]}", null, $"?{name}={value}", MayPass: true);
        }
    }

    private static IEnumerable<BadRequest> OfFile(ApiEndpoint endpoint, string type)
    {
        yield return new("a file of another type", new StringContent("{}", Encoding.UTF8, Json));
        yield return new("no file", null);
        yield return new("an empty file", Bytes([], type));
        yield return new("more than it takes", Bytes(new byte[(LimitOf(endpoint) ?? 20 * 1024 * 1024) + 1024 * 1024], type));
    }

    private static long? LimitOf(ApiEndpoint endpoint) => endpoint.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize;

    private static IEnumerable<BadRequest> OfJson(ApiEndpoint endpoint, Type type)
    {
        var sample = Sample(type).ToJsonString();
        string[] malformed =
        [
            "", "{", "}", "[", "null", "[]", "\"texto\"", "123", "{'a':1}", sample[..^1], sample + sample, sample.Replace("}", ",}", StringComparison.Ordinal),
            "{\"a\":NaN}", new string('[', 5000), string.Concat(Enumerable.Repeat("{\"a\":", 5000)), "<xml/>",
        ];
        foreach (var text in malformed)
            yield return new("malformed " + text[..Math.Min(20, text.Length)], new StringContent(text, Encoding.UTF8, Json));
        yield return new("no UTF-8", Bytes([.. "{\"a\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}"u8], Json));
        yield return new("another content type", new StringContent(sample, Encoding.UTF8, "text/plain"));
        yield return new("a form", new FormUrlEncodedContent([KeyValuePair.Create("a", "b")]));
        yield return new("no body", null);
        yield return new("more than it takes", Bytes(Encoding.UTF8.GetBytes($"{{\"a\":\"{new string('a', (int)Math.Max(SmallestLarge, (LimitOf(endpoint) ?? 0) + 1))}"), Json));
        foreach (var spot in Spots(type, ""))
        {
            foreach (var (value, code) in Forbidden(spot))
                yield return Mutated($"{spot.Pointer} = {Short(value)}", sample, false, (parent, name) => Set(parent, name, value), spot.Pointer) with { Code = code };
            foreach (var (value, mayPass) in Hostile(spot))
                yield return Mutated($"{spot.Pointer} = {Short(value)}", sample, mayPass, (parent, name) => Set(parent, name, value), spot.Pointer);
            if (spot.IsRequired)
                yield return Mutated($"without {spot.Pointer}", sample, false, (parent, name) => ((JsonObject)parent).Remove(name), spot.Pointer);
            if (spot.Type == typeof(string))
                yield return Mutated($"{spot.Pointer} = half a surrogate pair", sample, false, (parent, name) => Set(parent, name, "SURROGATE"), spot.Pointer);
            yield return Mutated($"a stranger beside {spot.Pointer}", sample, spot.Pointer.EndsWith("/0", StringComparison.Ordinal), (parent, _) =>
            {
                if (parent is JsonObject record)
                    record["desconocido"] = 1;
            }, spot.Pointer);
        }
    }

    private sealed record Spot(string Pointer, Type Type, bool MayBeNull, bool IsRequired, bool HasRules, bool MayBeZero = false);

    private static IEnumerable<Spot> Spots(Type type, string at)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var member in Members(type))
        {
            var bare = Nullable.GetUnderlyingType(member.ParameterType) ?? member.ParameterType;
            var mayBeNull = bare != member.ParameterType || nullability.Create(member).ReadState == NullabilityState.Nullable;
            var pointer = $"{at}/{Name(member)}";
            var hasRules = member.GetCustomAttributes<ValidationAttribute>().Any();
            var mayBeZero = member.GetCustomAttribute<RangeAttribute>() is { Minimum: 0 };
            yield return new(pointer, bare, mayBeNull, !member.HasDefaultValue, hasRules, mayBeZero);
            if (member.HasDefaultValue)
                continue; // Not in the sample: nothing below it to change.
            if (ElementOf(bare) is { } element)
            {
                yield return new(pointer + "/0", element, false, false, false);
                foreach (var below in IsRecord(element) ? Spots(element, pointer + "/0") : [])
                    yield return below;
            }
            else if (IsRecord(bare))
            {
                foreach (var below in Spots(bare, pointer))
                    yield return below;
            }
        }
    }

    /// <summary>Values of the right type that the member's own rules, where it has any, must stop.</summary>
    private static IEnumerable<(JsonNode? Value, string? Code)> Forbidden(Spot spot)
    {
        var code = spot.HasRules ? "invalid_fields" : null;
        if (spot.Type == typeof(string))
        {
            foreach (var text in new[] { "", "  ", "a\0b", "\u001b[31m", new string('a', 100_000) })
                yield return (text, code);
        }
        else if (spot.Type == typeof(int))
        {
            yield return (-1, code);
            if (!spot.MayBeZero)
                yield return (0, code);
        }
        else if (ElementOf(spot.Type) is { } element)
        {
            yield return (new JsonArray((JsonNode?)null), element.IsClass ? code : null);
            yield return (new JsonArray([.. Enumerable.Range(0, 3000).Select(_ => Sample(element))]), code);
        }
    }

    private static string Short(JsonNode? value) => value?.ToJsonString() is { } text ? text[..Math.Min(30, text.Length)] : "null";

    private static IEnumerable<(JsonNode? Value, bool MayPass)> Hostile(Spot spot)
    {
        var type = spot.Type;
        yield return (null, spot.MayBeNull);
        yield return (new JsonObject { ["a"] = 1 }, false);
        if (ElementOf(type) is null)
            yield return (new JsonArray(1, "a"), false);
        if (type != typeof(bool))
            yield return (true, false);
        if (type == typeof(string))
        {
            foreach (var text in new[] { "😀🇸🇻", "\u202Eشكرا", "' OR 1=1; --", "<script>alert(1)</script>", "{{7*7}}" })
                yield return (text, true);
            yield return (12, false);
        }
        else if (type == typeof(int))
        {
            foreach (var number in new[] { "1e400", "99999999999999999999", "2147483648", "1.5", "\"\"", "\"uno\"" })
                yield return (JsonNode.Parse(number), false);
            yield return (int.MaxValue, true);
        }
        else if (type == typeof(bool))
        {
            yield return ("sí", false);
            yield return (1, false);
        }
        else if (ElementOf(type) is { } element)
        {
            yield return ("no es lista", false);
            yield return (new JsonArray(), true);
        }
        else if (!IsRecord(type))
        {
            foreach (var text in new[] { "", "ayer", "2017-02-30", "2017-13-01T00:00:00", "25:61:00", "10000-01-01", "0190f0f0-zzzz-7000-8000-000000000000", "a\0b" })
                yield return (text, false);
            yield return (20170101, spot.Type == typeof(decimal));
            if (type == typeof(DateOnly) || type == typeof(DateTime))
            {
                foreach (var text in new[] { "0001-01-01", "9999-12-31", "9995-06-01", "1582-10-10" })
                    yield return (type == typeof(DateTime) ? text + "T00:00:00" : text, true);
            }
            if (type == typeof(DateTime))
                yield return ("2017-02-02T14:00:00Z", true);
            if (type == typeof(Guid))
                yield return (Guid.Empty.ToString(), true);
        }
    }

    private static BadRequest Mutated(string what, string sample, bool mayPass, Action<JsonNode, string> change, string pointer)
    {
        var json = JsonNode.Parse(sample)!;
        var steps = pointer.Split('/')[1..];
        var parent = steps[..^1].Aggregate(json, (node, step) => node is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!);
        change(parent, steps[^1]);
        var text = json.ToJsonString().Replace(Surrogate, "\"\\ud800\"", StringComparison.Ordinal);
        return new(what, new StringContent(text, Encoding.UTF8, Json), MayPass: mayPass);
    }

    private static void Set(JsonNode parent, string name, JsonNode? value)
    {
        if (parent is JsonArray list)
            list[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)] = value?.DeepClone();
        else
            parent[name] = value?.DeepClone();
    }

    private static ByteArrayContent Bytes(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }

    private static ParameterInfo[] Members(Type record) => record.GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters();

    private static bool IsRecord(Type type) => type.IsClass && type != typeof(string) && ElementOf(type) is null;

    private static Type? ElementOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private static string Name(ParameterInfo member) => JsonNamingPolicy.CamelCase.ConvertName(member.Name!);
}

/// <summary>Sends the bad requests and gives what the service did wrong with them.</summary>
public static class BadRequestRun
{
    /// <summary>
    /// Sends every bad request to every endpoint of the service's own paths, with an id that nobody has and with each
    /// of <paramref name="existing"/>.
    /// </summary>
    /// <param name="service">The service's container.</param>
    /// <param name="clientFor">A client with a role.</param>
    /// <param name="mayPass">Which half: those that must be refused, or those that need only be answered in an orderly way.</param>
    /// <param name="existing">Ids of things that exist, with their ETags, by a part of the endpoint's path.</param>
    public static async Task<(int Sent, IReadOnlyList<string> Wrong)> SendAsync(
        IServiceProvider service, Func<string, HttpClient> clientFor, bool mayPass, Func<ApiEndpoint, (Guid Id, string ETag)?> existing)
    {
        var wrong = new List<string>();
        var sent = 0;
        foreach (var endpoint in EndpointTables.Of(service).Where(e => e.Pattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal)))
        {
            using var client = clientFor(EndpointTables.SomebodyAllowed(endpoint));
            client.DefaultRequestHeaders.ExpectContinue = true;
            var targets = new List<(Guid Id, string ETag)> { (Guid.CreateVersion7(), "\"1\"") };
            if (existing(endpoint) is { } thing)
                targets.Add(thing);
            foreach (var (id, etag) in targets)
            {
                foreach (var bad in BadRequests.For(endpoint).Where(b => b.MayPass == mayPass))
                {
                    sent++;
                    client.DefaultRequestHeaders.ExpectContinue = bad.Content?.Headers.ContentLength > 500_000;
                    using var answer = await client.SendJsonAsync(new HttpMethod(endpoint.Method), endpoint.Path(id) + bad.Query, bad.Content, etag);
                    var isFine = mayPass && answer.IsSuccessStatusCode;
                    var text = bad.Code is null ? null : await answer.Content.ReadAsStringAsync();
                    if (text?.Contains($"\"{bad.Code}\"", StringComparison.Ordinal) == false)
                        wrong.Add($"{endpoint.Name} {bad.What} → {text} instead of {bad.Code}");
                    else if (!isFine && await EndpointTables.WhyNoProblemAsync(answer) is { } why)
                        wrong.Add($"{endpoint.Name} {bad.What} → {why}");
                    // What is too large for something that is not there may be told either.
                    else if (bad.What == "more than it takes" && answer.StatusCode != HttpStatusCode.RequestEntityTooLarge && !((id, etag) == targets[0] && answer.StatusCode == HttpStatusCode.NotFound))
                        wrong.Add($"{endpoint.Name} {bad.What} → {(int)answer.StatusCode} instead of 413");
                    else if (bad.What is "another content type" or "a form" or "a file of another type" && answer.StatusCode != HttpStatusCode.UnsupportedMediaType)
                        wrong.Add($"{endpoint.Name} {bad.What} → {(int)answer.StatusCode} instead of 415");
                }
            }
        }
        return (sent, wrong);
    }
}
