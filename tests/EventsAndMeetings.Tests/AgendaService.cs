using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Organizations;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>The service, and Organizations as it is heard from: by its events on the broker, and by nothing else.</summary>
public class AgendaService() : ServiceUnderTest<Program>("agenda")
{
    /// <summary>Whether a mail server is named. Nothing is sent here: what waits is seen in the database.</summary>
    protected virtual bool HasMail => true;

    protected override void Configure(IServiceCollection services)
    {
        if (HasMail)
            services.AddSingleton<Notices.INotifier>(new Notices.SmtpNotifier(new Uri("smtp://127.0.0.1:9"), "avisos@alcaldia.example"));
    }

    private static readonly PlaceRef Hamlet = new(Guid.CreateVersion7(), "hamlet", "Caserío La Muestra", "Caserío La Muestra, Cantón El Ensayo");
    private static int _names;

    public static string NewName(string what) => $"{what} {Interlocked.Increment(ref _names)}";

    /// <summary>A public event of any service, as its relay publishes it.</summary>
    public async Task<Guid> HappenAsync(DomainEvent told, DateTimeOffset? at = null)
    {
        var type = EventJson.PublicTypeOf(told.GetType())!;
        var cloudEvent = new JsonObject
        {
            ["specversion"] = "1.0", ["id"] = told.EventId, ["source"] = $"/v1/{type.Split('.')[0]}", ["type"] = type, ["subject"] = told.SubjectId,
            ["time"] = (at ?? DateTimeOffset.UtcNow).UtcDateTime.ToString("O"), ["data"] = JsonSerializer.SerializeToNode(told, told.GetType(), EventJson.Options),
        };
        await PublishAsync(type, JsonSerializer.SerializeToUtf8Bytes(cloudEvent));
        return told.EventId;
    }

    internal async Task<T> InDatabaseAsync<T>(Func<AgendaDb, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<AgendaDb>());
    }

    /// <summary>What the watch does each minute.</summary>
    public Task WatchAsync() => Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Minutes.WatchAgreements>().Single().ApplyAsync(CancellationToken.None);

    // Organizations.

    public static AssociationFormed Formed(Guid id, long version = 1, string name = "ADESCO Inventada") =>
        new() { AssociationId = id, Name = name, Place = Hamlet, Version = version, OccurredAt = DateTimeOffset.UtcNow };

    /// <summary>One who sits in a committee for an institution.</summary>
    public static CommitteeMembershipChanged Seat(Guid committee, Guid person, string? institution, bool alternate, long version) => new()
    {
        CommitteeId = committee, Kind = "prevention", Name = "Comité de prevención", Place = Hamlet, PersonId = person, PersonName = alternate ? "Suplente Inventada" : "Titular Inventado",
        Post = "member", JoinedOn = new DateOnly(2017, 1, 10), Institution = institution, Alternate = alternate, Version = version, OccurredAt = DateTimeOffset.UtcNow,
    };

    public static MembershipChanged Membership(Guid association, Guid person, long version, string joinedOn = "2017-01-10", string? leftOn = null) => new()
    {
        AssociationId = association, Name = "ADESCO Inventada", Place = Hamlet, PersonId = person, PersonName = "Persona Inventada",
        JoinedOn = DateOnly.Parse(joinedOn, CultureInfo.InvariantCulture), LeftOn = leftOn is null ? null : DateOnly.Parse(leftOn, CultureInfo.InvariantCulture),
        Version = version, OccurredAt = DateTimeOffset.UtcNow,
    };

    public static CommitteeFormed Committee(Guid id, string formedOn = "2017-03-01", string kind = "youth") => new()
    {
        CommitteeId = id, Kind = kind, Name = NewName("Comité"), Place = Hamlet, FormedOn = DateOnly.Parse(formedOn, CultureInfo.InvariantCulture), Members = 5,
        Version = 1, OccurredAt = DateTimeOffset.UtcNow,
    };

    /// <summary>An association with members since 2017-01-10, known by events.</summary>
    public async Task<Body> AssociationAsync(int members)
    {
        var (id, people) = (Guid.CreateVersion7(), Enumerable.Range(0, members).Select(_ => Guid.CreateVersion7()).ToArray());
        await TellAsync([Formed(id), .. people.Select((person, i) => Membership(id, person, i + 2))]);
        return new(id, people);
    }

    /// <summary>A committee with members, known by events.</summary>
    public async Task<Body> CommitteeAsync(int members, string kind = "youth")
    {
        var (formed, people) = (Committee(Guid.CreateVersion7(), kind: kind), Enumerable.Range(0, members).Select(_ => Guid.CreateVersion7()).ToArray());
        await TellAsync([formed, .. people.Select((person, i) => new CommitteeMembershipChanged
        {
            CommitteeId = formed.CommitteeId, Kind = kind, Name = formed.Name, Place = Hamlet, PersonId = person, PersonName = "Persona Inventada",
            Post = "member", JoinedOn = new DateOnly(2017, 1, 10), Version = i + 2, OccurredAt = DateTimeOffset.UtcNow,
        })]);
        return new(formed.CommitteeId, people);
    }

    // Plans.

    public Task<HttpResponseMessage> SendPlanAsync(byte[] document, string? key = null)
    {
        var content = new ByteArrayContent(document);
        content.Headers.ContentType = new("text/plain");
        return PostAsync(Roles.UnitHead, "/plans/imports", content, key: key);
    }

    /// <summary>A plan of its own unit for a year, in the layout of a word processor's table that has lost cells.</summary>
    public static string PlanText(string unit, int year = 2017) =>
        $"Plan  operativo {year}\n {unit}\n\n. Objetivo  Especifico.\n·  Acercar la oficina a  los barrios.\n\n· Ordenar el archivo.\n\n\n"
        + "Objetivo  de la unidad.\n· Sostener la organización   comunal.\n·  \n"
        + " \tActividades  Meta  1 \n\tEnero \n\tFebrero \n\tMarzo\n \tNoviembre \n\tDiciembre \n\n"
        + "\tPintar la cartelera  \n \tFormar comités de jóvenes \n \tApoyo puntual en el censo.\n \tEntrega de semilla \n\n"
        + "\t\n\t\n\t\n\t3º semana \n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\n"
        + "\tReunión con el comité de prevención.\n\t2º martes de cada mes \n \tReunión mensual con las comunidades \n \tInforme final \n";

    public async Task<Plan> ImportPlanAsync(int year = 2017) =>
        new(this, await SendPlanAsync(System.Text.Encoding.UTF8.GetBytes(PlanText(NewName("unidad de prueba"), year))).JsonAsync());

    /// <summary>A plan written by hand.</summary>
    public async Task<Plan> DraftAsync(int year, params object[] activities) =>
        new(this, await PostAsync(Roles.UnitHead, "/plans", new { unit = NewName("Unidad de prueba"), year, activities, objectives = new[] { new { scope = "unit", text = "Primer objetivo" }, new { scope = "unit", text = "Segundo objetivo" } } }).JsonAsync());

    public Task<HttpResponseMessage> StoreAsync(byte[] bytes, string type = "image/jpeg") 
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new(type);
        return PostAsync(Roles.Promoter, "/files", content);
    }

    /// <summary>A photo like no other.</summary>
    public async Task<Guid> PhotoAsync() => Guid.Parse((await StoreAsync([0xFF, 0xD8, 0xFF, 0xDA, .. Guid.NewGuid().ToByteArray()]).JsonAsync()).Text("id"));

    // Meetings.

    public async Task<Meeting> PlanMeetingAsync(Body body, string kind = "ordinary-assembly", string startsAt = "2017-06-15T14:00:00") =>
        new(this, await PostAsync(Roles.Promoter, "/meetings", new
        {
            kind, title = NewName("Asamblea"), bodyId = body.Id, startsAt, venue = "Casa comunal", points = new[] { "Apertura", "Informe" },
        }).JsonAsync());

    /// <summary>An ordinary assembly of 2017-06-15 whose notice went out in time.</summary>
    public async Task<Meeting> ConvenedAsync(Body body, string kind = "ordinary-assembly", string startsAt = "2017-06-15T14:00:00")
    {
        var meeting = await PlanMeetingAsync(body, kind, startsAt);
        var days = kind switch { "extraordinary-assembly" or "dissolution-assembly" => 3, _ => 7 };
        var convenedOn = DateOnly.FromDateTime(DateTime.Parse(startsAt, CultureInfo.InvariantCulture)).AddDays(-days);
        await meeting.DoAsync("convocation", new { convenedOn });
        return meeting;
    }

    /// <summary>A week from now, when an ordinary assembly can be convened today.</summary>
    public static string Upcoming { get; } = DateTime.UtcNow.AddHours(-6).AddDays(7).ToString("yyyy-MM-dd'T14:00:00'", CultureInfo.InvariantCulture);

    public async Task<JsonNode> ScheduleAsync(string rule = "FREQ=MONTHLY;BYDAY=1TH", string from = "2017-01-01", string to = "2017-12-31") =>
        await PostAsync(Roles.Promoter, "/series", new { title = NewName("Reunión mensual"), rule, firstDay = from, lastDay = to, starts = "14:00:00", venue = "Alcaldía" }).JsonAsync();
}

/// <summary>A body and its members.</summary>
public sealed record Body(Guid Id, IReadOnlyList<Guid> Members);

/// <summary>A meeting as its caller last saw it.</summary>
public sealed class Meeting(AgendaService service, JsonNode seen)
{
    public JsonNode Seen { get; private set; } = seen;

    public string Id => Seen.Text("id");

    public string State => Seen.Text("state");

    public string ETag => $"\"{Seen["version"]}\"";

    public async Task<JsonNode> DoAsync(string step, object body) => Seen = await TryAsync(step, body).JsonAsync();

    public Task<HttpResponseMessage> TryAsync(string step, object body, string? etag = null) =>
        service.PostAsync(Roles.Promoter, $"/meetings/{Id}/{step}", body, etag ?? ETag);

    public async Task AttendAsync(params IEnumerable<Guid> people) => Seen = await TryAttendAsync(people).JsonAsync();

    /// <summary>Who came is written, and on the first call the meeting is held.</summary>
    public async Task<Meeting> HeldAsync(params IEnumerable<Guid> people)
    {
        await AttendAsync(people);
        await DoAsync("calls", new { call = 1 });
        return this;
    }

    public Task<HttpResponseMessage> TryWriteAsync(object draft) => service.PutAsync(Roles.Promoter, $"/meetings/{Id}/minutes", draft, ETag);

    public async Task<JsonNode> WriteAsync(object draft)
    {
        var minutes = await TryWriteAsync(draft).JsonAsync();
        await LookAsync();
        return minutes;
    }

    /// <summary>Closes minutes in which the first point was dealt with.</summary>
    public async Task<JsonNode> CloseMinutesAsync(params object[] agreements)
    {
        await WriteAsync(new { startedAt = "14:10:00", endedAt = "16:00:00", development = new[] { "Se trató." }, agreements });
        var minutes = await TryAsync("minutes/closing", new { }).JsonAsync();
        await LookAsync();
        return minutes;
    }

    public async Task<JsonNode> LookAsync() => Seen = await service.GetAsync(Roles.Auditor, $"/meetings/{Id}").JsonAsync();

    public Task<HttpResponseMessage> TryAttendAsync(params IEnumerable<Guid> people) =>
        service.PutAsync(Roles.Promoter, $"/meetings/{Id}/attendance", new { personIds = people }, ETag);
}

/// <summary>A plan as its caller last saw it.</summary>
public sealed class Plan(AgendaService service, JsonNode seen)
{
    public JsonNode Seen { get; private set; } = seen;

    public string Id => Seen.Text("id");

    public string ETag => $"\"{Seen["version"]}\"";

    public JsonNode Activity(int number) => Seen["activities"]![number - 1]!;

    public Task<HttpResponseMessage> TryRulesAsync(int activity, string? etag, params (string Fact, string BodyKind)[] rules) =>
        service.PutAsync(Roles.UnitHead, $"/plans/{Id}/activities/{activity}/evidence-rules", new { rules = rules.Select(r => new { fact = r.Fact, bodyKind = r.BodyKind }) }, etag);

    public async Task CountAsync(int activity, params (string Fact, string BodyKind)[] rules) => Seen = await TryRulesAsync(activity, ETag, rules).JsonAsync();

    public async Task<JsonNode> DoAsync(string role, string step, object? body = null) => Seen = await TryAsync(role, step, body).JsonAsync();

    public Task<HttpResponseMessage> TryAsync(string role, string step, object? body = null) => service.PostAsync(role, $"/plans/{Id}/{step}", body, ETag);

    /// <summary>Presented, approved by the council and begun.</summary>
    public async Task<Plan> BegunAsync()
    {
        var year = (int)Seen["year"]!;
        await DoAsync(Roles.UnitHead, "submission");
        await DoAsync(Roles.Council, "approval", new { agreement = new { minutesNumber = 3, agreementNumber = 7, date = $"{year - 1}-12-15" } });
        await DoAsync(Roles.UnitHead, "execution", new { startedOn = $"{year}-01-02" });
        return this;
    }

    /// <summary>What a person shows, with a photo.</summary>
    public Task<HttpResponseMessage> TryShowAsync(int activity, string date, decimal quantity = 1, Guid? photo = null, string role = Roles.Promoter) =>
        service.PostAsync(role, $"/plans/{Id}/activities/{activity}/evidence", new { date, description = "Cartelera nueva", place = "Casa comunal", photoId = photo, quantity });

    public async Task<JsonNode> ShowAsync(int activity, string date, decimal quantity = 1) => await TryShowAsync(activity, date, quantity, await service.PhotoAsync()).JsonAsync();

    public Task<JsonNode> ReportAsync(int? quarter = null) => service.GetAsync(Roles.Council, $"/plans/{Id}/report{(quarter is null ? "" : $"?quarter={quarter}")}").JsonAsync();

    public async Task<JsonNode> LookAsync() => Seen = await service.GetAsync(Roles.Auditor, $"/plans/{Id}").JsonAsync();
}
