using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>The service with a clock of its own, and what people do with it. Everybody in it is made up.</summary>
public sealed class OrganizationsService() : ServiceUnderTest<Program>("organizations")
{
    private static int _people = 100;
    private static int _names;

    private readonly SemaphoreSlim _importing = new(1);
    private readonly List<Guid> _residents = [];
    private Guid? _hamlet;

    public TestClock Clock { get; } = new();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<TimeProvider>(Clock);

    public static string NewName(string what) => $"{what} {Interlocked.Increment(ref _names)}";

    /// <summary>The next made-up DUI, in the 9… range with its check digit.</summary>
    public static string NewDui() => WithCheckDigit((90_000_000 + Interlocked.Increment(ref _people)).ToString(CultureInfo.InvariantCulture));

    public static string WithCheckDigit(string eight) =>
        $"{eight}-{(10 - eight.Select((digit, i) => (digit - '0') * (9 - i)).Sum() % 10) % 10}";

    /// <summary>Runs work on the service's own DbContext.</summary>
    internal async Task<T> InDatabaseAsync<T>(Func<OrganizationsDb, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<OrganizationsDb>());
    }

    // Places.

    public Task<HttpResponseMessage> SendPlacesAsync(byte[] csv, string? key = null) => SendFileAsync("places", csv, key);

    /// <summary>Imports a file and waits until the job has ended.</summary>
    public async Task<JsonNode> ImportPlacesAsync(string csv, Encoding? encoding = null)
    {
        await _importing.WaitAsync();
        try
        {
            return await ImportAsync("places", csv, encoding);
        }
        finally
        {
            _importing.Release();
        }
    }

    /// <summary>Imports a file of a kind and waits until the job has ended.</summary>
    public async Task<JsonNode> ImportAsync(string kind, string csv, Encoding? encoding = null)
    {
        using var accepted = await SendFileAsync(kind, (encoding ?? Encoding.UTF8).GetBytes(csv));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var job = accepted.Headers.Location!.ToString();
        return await Eventually.GetAsync(async () =>
            await As(Roles.Promoter).SendJsonAsync(HttpMethod.Get, job, null).JsonAsync() is { } now && now.Text("state") is "completed" or "failed"
                ? await As(Roles.Promoter).SendJsonAsync(HttpMethod.Get, job, null).JsonAsync() : null);
    }

    private Task<HttpResponseMessage> SendFileAsync(string kind, byte[] csv, string? key = null)
    {
        var content = new ByteArrayContent(csv);
        content.Headers.ContentType = new("text/csv");
        return PostAsync(Roles.Promoter, $"/{kind}/imports", content, key: key);
    }

    public async Task<string> RejectedRowsAsync(JsonNode job)
    {
        using var answer = await GetAsync(Roles.Promoter, $"/places/imports/{job.Text("id")}/rejected");
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task<Guid> PlaceAsync(string code) =>
        await QueryAsync<Guid>($"SELECT id FROM place WHERE code = '{code}'");

    /// <summary>A hamlet of the made-up municipality, since 1990.</summary>
    public async Task<Guid> HamletAsync()
    {
        if (_hamlet is { } known)
            return known;
        await ImportPlacesAsync(
            """
            code,kind,name,parent_code,valid_from,valid_to
            99,department,Departamento de Prueba,,1990-01-01,
            99-01,municipality,San Inventado,99,1990-01-01,
            99-01-01,district,Distrito Inventado,99-01,1990-01-01,
            99-01-01-01,canton,Cantón El Ensayo,99-01-01,1990-01-01,
            99-01-01-01-01,hamlet,Caserío La Muestra,99-01-01-01,1990-01-01,
            99-01-01-01-02,hamlet,Caserío El Retirado,99-01-01-01,1990-01-01,2000-12-31
            """);
        _hamlet = await PlaceAsync("99-01-01-01-01");
        return _hamlet.Value;
    }

    // People.

    public static object Adult(string? dui = null, string birthDate = "1980-05-05", string? phone = null) => new
    {
        givenNames = "Persona", surnames = NewName("Apellidez"), birthDate, sex = "female", dui = dui ?? NewDui(), phone,
    };

    public async Task<Guid> RegisterPersonAsync(string birthDate = "1980-05-05", Guid? responsible = null) =>
        Guid.Parse((await PostAsync(Roles.Promoter, "/people", responsible is null
            ? Adult(birthDate: birthDate)
            : new { givenNames = "Menor", surnames = NewName("Apellidez"), birthDate, sex = "male", responsiblePersonId = responsible }).JsonAsync()).Text("id"));

    /// <summary>
    /// Adults of the municipality. The first <paramref name="own"/> are new each time, because nobody sits in two boards;
    /// the others are the same, because a person may be a member of several associations.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> ResidentsAsync(int count, int own = 11)
    {
        var eligible = await Task.WhenAll(Enumerable.Range(0, Math.Min(own, count)).Select(_ => RegisterPersonAsync()));
        return [.. eligible, .. await CommonMembersAsync(count - eligible.Length)];
    }

    private async Task<IReadOnlyList<Guid>> CommonMembersAsync(int count)
    {
        await _importing.WaitAsync();
        try
        {
            while (_residents.Count < count)
                _residents.AddRange(await Task.WhenAll(Enumerable.Range(0, Math.Min(10, count - _residents.Count)).Select(_ => RegisterPersonAsync())));
            return _residents[..count];
        }
        finally
        {
            _importing.Release();
        }
    }

    // Associations.

    public async Task<Association> RegisterAssociationAsync(int members = 25, string formedOn = "2017-01-10", int own = 11)
    {
        var place = await HamletAsync();
        var residents = await ResidentsAsync(members, own);
        return new(this, await PostAsync(Roles.Promoter, "/associations", new
        {
            name = NewName("ADESCO Inventada"), placeId = place, formedOn, memberIds = residents,
        }).JsonAsync(), residents);
    }

    /// <summary>An association whose application was filed on 2017-02-01: the council has until 2017-02-16.</summary>
    public async Task<Association> FiledAsync(string filedOn = "2017-02-01")
    {
        var association = await RegisterAssociationAsync();
        await association.ConstituteAsync();
        await association.DoAsync(Roles.Secretary, "application", Association.Application(filedOn));
        return association;
    }

    public async Task<Association> RecognizedAsync()
    {
        var association = await FiledAsync();
        await association.DoAsync(Roles.Council, "resolution", Association.Agreement("2017-02-10"));
        return association;
    }

    /// <summary>A working association: constituted on 2017-01-20 with a board until 2019-01-19, credential on 2017-03-06.</summary>
    public async Task<Association> ActiveAsync(int members = 25, int own = 11)
    {
        var association = await RegisterAssociationAsync(members, own: own);
        await association.ConstituteAsync();
        await association.DoAsync(Roles.Secretary, "application", Association.Application());
        await association.DoAsync(Roles.Council, "resolution", Association.Agreement("2017-02-10"));
        await association.DoAsync(Roles.Secretary, "registration", Association.Registration());
        await association.DoAsync(Roles.Secretary, "publication", new { gazetteNumber = 44, gazetteVolume = 414, publishedOn = "2017-03-03" });
        await association.DoAsync(Roles.Secretary, "credential", new { issuedOn = "2017-03-06" });
        return association;
    }

    /// <summary>One look of the watch, as its timer makes it.</summary>
    public Task WatchDeadlinesAsync() =>
        Services.GetServices<IHostedService>().OfType<WatchDeadlines>().Single().ApplyAsync(CancellationToken.None);

}

/// <summary>An association as its caller last saw it.</summary>
public sealed class Association(OrganizationsService service, JsonNode seen, IReadOnlyList<Guid> members)
{
    public static readonly string[] Topics =
    [
        "name", "democratic-character", "domicile", "territory", "object", "administration", "organs-and-powers", "quorum",
        "rights-and-duties", "control", "internal-audit", "amendment",
    ];

    private static readonly string[] Posts = ["president", "secretary", "treasurer", "syndic", "member-1"];

    public JsonNode Seen { get; private set; } = seen;

    public IReadOnlyList<Guid> Members => members;

    public string Id => Seen.Text("id");

    public string State => Seen.Text("state");

    public string ETag => $"\"{Seen["version"]}\"";

    /// <summary>Takes the next step and remembers the answer.</summary>
    public async Task<JsonNode> DoAsync(string role, string step, object? body) => Seen = await TryAsync(role, step, body).JsonAsync();

    /// <summary>Tries a step on the version that was last seen.</summary>
    public Task<HttpResponseMessage> TryAsync(string role, string step, object? body, string? etag = null) =>
        service.PostAsync(role, $"/associations/{Id}/{step}", body, etag ?? ETag);

    public async Task<JsonNode> LookAsync() => Seen = await service.GetAsync(Roles.Auditor, $"/associations/{Id}").JsonAsync();

    public Task<JsonNode> ConstituteAsync(string on = "2017-01-20") => DoAsync(Roles.Promoter, "constitution", Constitution(on));

    public object Constitution(
        string on = "2017-01-20", string[]? topics = null, IEnumerable<(string Post, Guid Person)>? board = null, bool convenedForIt = true, int minutes = 1) => new
    {
        assemblyDate = on, minutesNumber = minutes, convenedForIt, presidedBy = "Delegada municipal",
        statutesTopics = topics ?? Topics, board = (board ?? Board()).Select(s => new { post = s.Post, personId = s.Person }),
    };

    public IEnumerable<(string Post, Guid Person)> Board(int posts = 5) => Posts.Concat(Enumerable.Range(2, 8).Select(i => $"member-{i}")).Zip(members).Take(posts);

    /// <summary>An election, of the same board unless another is given.</summary>
    public object Election(string heldOn, int call = 1, int attendees = 20, IEnumerable<(string Post, Guid Person)>? board = null, int? minutes = null, string? firstDay = null, bool endsCurrent = false) => new
    {
        heldOn, call, attendees, board = (board ?? Board()).Select(s => new { post = s.Post, personId = s.Person }), minutesNumber = minutes, firstDay, endsCurrentTerm = endsCurrent,
    };

    /// <summary>A board of five of the members from one on.</summary>
    public IEnumerable<(string Post, Guid Person)> BoardFrom(int first) => Posts.Zip(members.Skip(first));

    public static object Application(string filedOn = "2017-02-01") => new { filedOn, constitutionMinutes = true, statutes = true, memberRoll = true };

    public static object Observation(string notifiedOn) => new { notifiedOn, defects = "Falta la firma del acta." };

    public static object Agreement(string date) => new { agreement = new { minutesNumber = 16, agreementNumber = 15, date } };

    public static object Registration(string on = "2017-02-20") => new { book = 1, registeredOn = on };
}
