using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.SystemTests;

/// <summary>An association with its promoter, from its first assembly to its second board, all through the gateway.</summary>
[Collection("system")]
public sealed class PromoterYearTests(RunningSystem system)
{
    private const string Api = "/v1/organizations";
    private static readonly string[] Posts = ["president", "vice-president", "secretary", "treasurer", "syndic"];
    private static readonly string[] Topics =
    [
        "name", "democratic-character", "domicile", "territory", "object", "administration", "organs-and-powers", "quorum", "rights-and-duties", "control",
        "internal-audit", "amendment",
    ];

    private HttpClient _promoter = null!, _secretary = null!, _council = null!, _anybody = null!;
    private string _association = "";

    [Fact]
    public async Task From_the_first_assembly_to_the_second_board_with_every_paper()
    {
        (_promoter, _secretary, _council, _anybody) = (await system.AsAsync("promoter", "marta"), await system.AsAsync("secretary"), await system.AsAsync("council"), await system.AsAsync(null));

        // A hamlet below one of today's districts, and a group of residents.
        var hamlet = await HamletAsync();
        _association = (await _promoter.SendJsonAsync(HttpMethod.Post, Api + "/associations", new { name = "ADESCO Nuevo Amanecer", placeId = hamlet, formedOn = On("2024-08-31") }, idempotencyKey: "marta-1").JsonAsync()).Text("id");
        Assert.Equal("members-missing", (await WorkAsync()).Single().Text("kind"));

        // The paper folder becomes a file; one row of it is bad.
        var job = await ImportMembersAsync();
        Assert.Equal((32, 31, 1), ((int)job["total"]!, (int)job["accepted"]!, (int)job["rejected"]!));
        using (var rejected = await _promoter.GetAsync(new Uri($"{Api}/members/imports/{job.Text("id")}/rejected", UriKind.Relative)))
            Assert.Contains("DUI no es válido", await rejected.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var members = (await _promoter.SendJsonAsync(HttpMethod.Get, $"{Api}/associations/{_association}/members", null).JsonAsync())["items"]!.AsArray().Select(m => m!.Text("personId")).ToArray();
        Assert.Equal("assembly-to-hold", (await WorkAsync()).Single().Text("kind"));

        // The constitutive assembly, the application with its receipt, an observation, its correction, the agreement.
        await DoAsync(_promoter, "constitution", new
        {
            assemblyDate = On("2024-09-21"), minutesNumber = 1, convenedForIt = true, presidedBy = "Delegada del alcalde", statutesTopics = Topics, board = Board(members),
        });
        var filed = await DoAsync(_secretary, "application", new { filedOn = On("2024-09-23"), constitutionMinutes = true, statutes = true, memberRoll = true });
        Assert.InRange(DateOnly.Parse(filed.Text("resolutionDue"), CultureInfo.InvariantCulture), Day("2024-10-14"), Day("2024-10-24")); // Fifteen business days.
        await DoAsync(_secretary, "observation", new { notifiedOn = On("2024-09-30"), defects = "Falta la firma de una hoja de la nómina." });
        await DoAsync(_secretary, "correction", new { correctedOn = On("2024-10-02") });
        await DoAsync(_council, "resolution", new { agreement = new { minutesNumber = 38, agreementNumber = 7, date = On("2024-10-15") } });
        await DoAsync(_secretary, "registration", new { book = 1, registeredOn = On("2024-10-17") });
        await DoAsync(_secretary, "publication", new { gazetteNumber = 210, gazetteVolume = 445, publishedOn = On("2024-11-06") });
        var active = await DoAsync(_secretary, "credential", new { issuedOn = On("2024-11-08") });
        Assert.Equal("active", active.Text("state"));

        // A year goes by: minutes, January's papers, a secretary who moves away, a committee of the young.
        await WriteMinutesAsync(On("2024-12-07"), "Plan de trabajo");
        for (var year = First.Year + 1; new DateOnly(year, 1, 14) <= Today; year++)
            await DoAsync(_secretary, "annual-filings", new { filedOn = $"{year}-01-14", memberRoll = true, workPlan = true });
        await DoAsync(_promoter, "board/reliefs", new { post = "secretary", lastDay = On("2025-06-30"), reason = "resignation", successorId = members[10] });
        await DoAsync(_promoter, $"members/{members[2]}/departure", new { leftOn = On("2025-06-30") });
        await DoAsync(_secretary, "credential", new { issuedOn = On("2025-07-04") });

        // The second board, reported and with its credential.
        await DoAsync(_promoter, "elections", new { heldOn = On("2026-09-05"), call = 1, attendees = 22, board = Board(members[5..]), firstDay = On("2026-09-21") });
        Assert.Contains("board-to-report", (await WorkAsync()).Select(i => i.Text("kind")));
        await DoAsync(_secretary, "board/report", new { reportedOn = On("2026-09-09") });
        var renewed = await DoAsync(_secretary, "credential", new { issuedOn = On("2026-09-22") });
        Assert.Equal(("active", On("2028-09-20")), (renewed.Text("state"), renewed.Text("boardUntil")));
        Assert.DoesNotContain(await WorkAsync(), i => i.Text("kind") != "annual-filing"); // In January, before the 14th, that one waits.

        // Any day is answered.
        Assert.Equal(members[2], await HolderAsync("secretary", On("2025-06-30")));
        Assert.Equal(members[10], await HolderAsync("secretary", On("2025-07-01")));
        Assert.Equal(members[7], await HolderAsync("secretary", On("2026-09-21")));

        await EveryPaperAsync();

        // Agenda knows it from its events alone.
        var unit = await system.AsAsync("unit-head");
        await Eventually.TrueAsync(async () =>
        {
            using var body = await unit.GetAsync(new Uri($"/v1/agenda/bodies/{_association}", UriKind.Relative));
            return body.IsSuccessStatusCode && await Task.FromResult(body).JsonAsync() is { } known && known.Text("state") == "active" && (int)known["members"]! == 30;
        }, what: "The association in the agenda");
    }

    /// <summary>Credentials, receipts, rolls and book pages: each is printed, and each is found by its code.</summary>
    private async Task EveryPaperAsync()
    {
        foreach (var issue in new object[]
        {
            new { kind = "member-roll", on = On("2026-09-05") }, new { kind = "book-page", book = "assembly-minutes", entry = 2 }, new { kind = "book-page", book = "register", entry = await RegisterEntryAsync() },
        })
            await _secretary.SendJsonAsync(HttpMethod.Post, $"{Api}/associations/{_association}/documents", issue).JsonAsync();
        var documents = (await _secretary.SendJsonAsync(HttpMethod.Get, $"{Api}/associations/{_association}/documents", null).JsonAsync())["items"]!.AsArray();
        Assert.Equal(
            ["book-page", "book-page", "credential", "credential", "credential", "member-roll", "receipt", "receipt", "receipt", "receipt", "receipt"],
            documents.Select(d => d!.Text("kind")).Order(StringComparer.Ordinal));
        var verdicts = new List<string>();
        foreach (var document in documents.Select(d => d!))
        {
            var paper = await PageAsync(_secretary, document.Text("print"));
            Assert.Contains("ADESCO Nuevo Amanecer", paper, StringComparison.Ordinal);
            Assert.Contains($"{system.Gateway.GetLeftPart(UriPartial.Authority)}{document.Text("verify")}", paper, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"\d{8}-\d\b", paper);
            var page = await PageAsync(_anybody, document.Text("verify"));
            Assert.DoesNotMatch(@"\*{6}|\d{8}-\d\b", page);
            if (document.Text("kind") == "credential")
                verdicts.Add(page.Contains("Documento vigente", StringComparison.Ordinal) ? "good" : page.Contains("Sin efecto", StringComparison.Ordinal) ? "withdrawn" : page.Contains("Venció", StringComparison.Ordinal) ? "over" : "?");
        }
        Assert.Equal(["good", "over", "withdrawn"], verdicts.Order(StringComparer.Ordinal));
    }

    // The story is told with the days of 2024 to 2026, and moved by whole years so that the second board is in its term.
    private static DateOnly Today { get; } = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));

    private static DateOnly First { get; } = new(Today >= new DateOnly(Today.Year, 9, 22) ? Today.Year - 2 : Today.Year - 3, 8, 31);

    private static DateOnly Day(string told) => DateOnly.ParseExact(told, "yyyy-MM-dd", CultureInfo.InvariantCulture).AddYears(First.Year - 2024);

    private static string On(string told) => Day(told).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static async Task<string> PageAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal((HttpStatusCode.OK, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("style-src", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private async Task<int> RegisterEntryAsync() =>
        (int)(await _secretary.SendJsonAsync(HttpMethod.Get, Api + "/register-books", null).JsonAsync()).AsArray().Last()!["lastEntry"]!;

    private async Task WriteMinutesAsync(string on, string title)
    {
        var entries = $"{Api}/associations/{_association}/books/assembly-minutes/entries";
        var draft = await _promoter.SendJsonAsync(HttpMethod.Post, entries, new { datedOn = on, title, text = "En la casa comunal, a las catorce horas, se leyó y aprobó el plan de trabajo." }).JsonAsync();
        await _promoter.SendJsonAsync(HttpMethod.Post, $"{entries}/{draft["entry"]}/closing", null, "\"1\"").JsonAsync();
    }

    private async Task<JsonNode[]> WorkAsync() =>
        [.. (await _promoter.SendJsonAsync(HttpMethod.Get, Api + "/work-list?mine=true&limit=200", null).JsonAsync())["items"]!.AsArray().Where(i => i!.Text("subjectId") == _association).Select(i => i!)];

    private async Task<string> HolderAsync(string post, string on) =>
        (await _promoter.SendJsonAsync(HttpMethod.Get, $"{Api}/associations/{_association}/board?on={on}", null).JsonAsync())["seats"]!.AsArray().Single(s => s!.Text("post") == post)!.Text("personId");

    private async Task<JsonNode> DoAsync(HttpClient client, string step, object body)
    {
        while (true)
        {
            using var seen = await _secretary.GetAsync(new Uri($"{Api}/associations/{_association}", UriKind.Relative));
            using var answer = await client.SendJsonAsync(HttpMethod.Post, $"{Api}/associations/{_association}/{step}", body, seen.Headers.ETag!.Tag);
            // The watch may have found at this moment that the first board's term is over.
            if (answer.StatusCode != HttpStatusCode.PreconditionFailed)
                return await Task.FromResult(answer).JsonAsync();
        }
    }

    private static IEnumerable<object> Board(string[] members) => Posts.Zip(members, (post, personId) => new { post, personId });

    private async Task<string> HamletAsync()
    {
        await ImportAsync("places", "code,kind,name,parent_code,valid_from,valid_to\n06-14-90,canton,Cantón El Ensayo,06-14,1990-01-01,\n06-14-90-01,hamlet,Caserío El Amanecer,06-14-90,1990-01-01,\n");
        var found = (await _anybody.SendJsonAsync(HttpMethod.Get, Api + "/places?search=amanec&kind=hamlet", null).JsonAsync())["items"]!.AsArray().Single()!;
        Assert.Equal("Caserío El Amanecer, Cantón El Ensayo, San Salvador, San Salvador Centro, San Salvador", found.Text("path"));
        return found.Text("id");
    }

    private Task<JsonNode> ImportMembersAsync()
    {
        var file = new StringBuilder("place_code;association;dui;given_names;surnames;birth_date;sex;phone;joined_on;left_on\n");
        for (var i = 0; i < 32; i++)
        {
            var digits = (90_500_000 + i).ToString(CultureInfo.InvariantCulture);
            var check = (10 - digits.Select((d, n) => (d - '0') * (9 - n)).Sum() % 10 + (i == 31 ? 1 : 0)) % 10;
            file.Append(CultureInfo.InvariantCulture, $"06-14-90-01;Adesco nuevo amanecer;{digits}-{check};{(i % 2 == 0 ? "Ana Lucía" : "José Rutilio")};Prueba Ficticia {(char)('A' + i % 26)}{i};{1960 + i}-05-1{i % 9};{(i % 2 == 0 ? "f" : "m")};7000-00{i:00};{Day("2024-08-31"):dd/MM/yyyy};\n");
        }
        return ImportAsync("members", file.ToString());
    }

    private async Task<JsonNode> ImportAsync(string kind, string csv)
    {
        using var accepted = await _promoter.SendJsonAsync(HttpMethod.Post, $"{Api}/{kind}/imports", new StringContent(csv, Encoding.UTF8, "text/csv"));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        return await Eventually.GetAsync(async () =>
            await _promoter.SendJsonAsync(HttpMethod.Get, accepted.Headers.Location!.ToString(), null).JsonAsync() is { } job && job.Text("state") is "completed" or "failed"
                ? await _promoter.SendJsonAsync(HttpMethod.Get, accepted.Headers.Location!.ToString(), null).JsonAsync() : null);
    }
}
