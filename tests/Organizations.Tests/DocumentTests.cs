using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;
using static ProyeccionSocial.Organizations.Tests.Association;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>Papers to print, and the page behind their QR.</summary>
public sealed class DocumentTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task A_credential_names_the_board_and_its_page_says_until_when_it_is_good()
    {
        var association = await service.ActiveAsync();
        var credential = (await DocumentsAsync(association)).Single(d => d.Text("kind") == "credential");
        var paper = await PrintAsync(credential);
        Assert.Contains("Credencial de junta directiva", paper, StringComparison.Ordinal);
        Assert.Contains("Acuerdo No. 15 del Acta No. 16", paper, StringComparison.Ordinal);
        Assert.Contains("19/01/2019", paper, StringComparison.Ordinal);
        Assert.Contains("<svg", paper, StringComparison.Ordinal);
        Assert.Contains($"/v1/organizations/verify/{credential.Text("code")}", paper, StringComparison.Ordinal);

        using (service.Clock.NoonOf("2018-06-01"))
        {
            var page = await VerifyAsync(credential);
            Assert.Contains("Documento vigente", page, StringComparison.Ordinal);
            Assert.Contains("Presidencia", page, StringComparison.Ordinal);
        }
        using (service.Clock.NoonOf("2019-01-20"))
        {
            var page = await VerifyAsync(credential);
            Assert.Contains("Venció el 19/01/2019", page, StringComparison.Ordinal);
            Assert.DoesNotContain("Presidencia", page, StringComparison.Ordinal);
        }
        await association.DoAsync(Roles.Promoter, "board/reliefs", new { post = "syndic", lastDay = "2017-09-30", reason = "resignation", successorId = association.Members[8] });
        using (service.Clock.NoonOf("2018-06-01"))
            Assert.Contains("Sin efecto", await VerifyAsync(credential), StringComparison.Ordinal);
        Assert.Contains("SIN EFECTO", await PrintAsync(credential), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_receipt_of_the_constitution_says_what_was_received_when_and_until_when_the_answer_is_due()
    {
        var association = await service.FiledAsync();
        var receipt = (await DocumentsAsync(association)).Single();
        var paper = await PrintAsync(receipt);
        foreach (var part in new[] { "Acta de constitución", "Estatutos", "Nómina de miembros", "16/02/2017", receipt.Text("number"), association.Seen.Text("name") })
            Assert.Contains(part, paper, StringComparison.Ordinal);
        Assert.Matches(@"\d\d/\d\d/\d{4} a las \d\d:\d\d", paper);
        Assert.Contains("Documento auténtico", await VerifyAsync(receipt), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_roll_is_that_of_its_day_with_the_DUI_masked_and_its_page_names_nobody()
    {
        var association = await service.RegisterAssociationAsync(12);
        await association.DoAsync(Roles.Promoter, $"members/{association.Members[11]}/departure", new { leftOn = "2017-06-30" });
        var roll = await IssueAsync(association, new { kind = "member-roll", on = "2017-07-01" }).JsonAsync();
        var paper = await PrintAsync(roll);
        Assert.Contains("<strong>11</strong> miembros", paper, StringComparison.Ordinal);
        Assert.Equal(11, Regex.Count(paper, @"\*{6}\d\d-\d"));
        Assert.DoesNotMatch(@"\d{8}-\d\b", paper);
        var before = await IssueAsync(association, new { kind = "member-roll", on = "2017-06-30" }).JsonAsync();
        Assert.Contains("<strong>12</strong> miembros", await PrintAsync(before), StringComparison.Ordinal);
        var surnames = await service.RowsAsync($"SELECT surnames FROM person WHERE id = '{association.Members[0]}'");
        var page = await VerifyAsync(roll);
        Assert.DoesNotContain(surnames.Single(), page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\*{6}", page);
    }

    [Fact]
    public async Task A_page_of_a_book_is_certified_when_it_is_closed()
    {
        var association = await service.ActiveAsync();
        var municipal = await IssueAsync(association, new { kind = "book-page", book = "register", entry = await service.QueryAsync<int>($"SELECT entry FROM book_entry WHERE association_id = '{association.Id}'") }).JsonAsync();
        Assert.Contains("Registro de asociaciones comunales", await PrintAsync(municipal), StringComparison.Ordinal);
        var draft = await service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/books/assembly-minutes/entries",
            new { datedOn = "2017-05-01", title = "<b>Asamblea</b>", text = "Se acordó & firmó: <script>alert(1)</script>" }).JsonAsync();
        var certificate = new { kind = "book-page", book = "assembly-minutes", entry = (int)draft["entry"]! };
        await IssueAsync(association, certificate).ProblemAsync(HttpStatusCode.UnprocessableEntity, "book_entry_not_closed");
        await service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/books/assembly-minutes/entries/{draft["entry"]}/closing", null, "\"1\"").JsonAsync();
        var paper = await PrintAsync(await IssueAsync(association, certificate).JsonAsync());
        Assert.Contains("&lt;script&gt;", paper, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", paper, StringComparison.Ordinal);
        // Another association cannot have it certified, nor another's entry of the register.
        var other = await service.RecognizedAsync();
        await IssueAsync(other, new { kind = "book-page", book = "assembly-minutes", entry = 9 }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "book_entry_not_closed");
        await IssueAsync(other, new { kind = "credential" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "document_comes_by_itself");
    }

    [Fact]
    public async Task A_code_that_nobody_issued_is_a_friendly_404_and_pages_load_nothing_from_elsewhere()
    {
        using var unknown = await service.GetAsync(null, "/verify/22223333444455aa");
        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (unknown.StatusCode, unknown.Content.Headers.ContentType!.MediaType));
        var page = await unknown.Content.ReadAsStringAsync();
        Assert.Contains("No emitimos", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=", page);
        Assert.Contains("default-src 'none'", unknown.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        await service.GetAsync(Roles.Secretary, "/documents/22223333444455aa").ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task The_pages_of_the_list_give_every_document_once_the_last_one_first()
    {
        var association = await service.RegisterAssociationAsync(1);
        for (var i = 0; i < 5; i++)
            await IssueAsync(association, new { kind = "member-roll", on = $"2017-02-0{i + 1}" }).JsonAsync();
        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await service.GetAsync(Roles.Secretary, $"/associations/{association.Id}/documents?limit=2{(after is null ? "" : "&after=" + after)}").JsonAsync();
            seen.AddRange(page["items"]!.AsArray().Select(d => d!.Text("number")));
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);
        Assert.Equal(["2017-02-05", "2017-02-04", "2017-02-03", "2017-02-02", "2017-02-01"], seen);
    }

    private async Task<IEnumerable<JsonNode>> DocumentsAsync(Association association) =>
        (await service.GetAsync(Roles.Secretary, $"/associations/{association.Id}/documents").JsonAsync())["items"]!.AsArray().Where(d => d!.Text("kind") is "credential" || d!.Text("kind") is "receipt").Select(d => d!).ToArray();

    private Task<HttpResponseMessage> IssueAsync(Association association, object what) => service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/documents", what);

    private async Task<string> PrintAsync(JsonNode document) => await PageAsync(Roles.Secretary, document.Text("print"));

    private async Task<string> VerifyAsync(JsonNode document) => await PageAsync(null, document.Text("verify"));

    private async Task<string> PageAsync(string? role, string path)
    {
        using var answer = await service.As(role).GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal((HttpStatusCode.OK, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()) is var text && text.Contains("<script", StringComparison.Ordinal)
            ? await answer.Content.ReadAsStringAsync()
            : text;
    }
}
