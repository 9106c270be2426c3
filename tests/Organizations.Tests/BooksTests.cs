using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;
using static ProyeccionSocial.Organizations.Tests.Association;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>Numbers without a gap, drafts that change and closed entries that do not.</summary>
public sealed class BooksTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    [Fact]
    public async Task A_book_that_is_not_open_or_is_full_is_refused()
    {
        var association = await service.RecognizedAsync();
        await association.TryAsync(Roles.Secretary, "registration", new { book = 7, registeredOn = "2017-02-20" }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "register_book_unknown");
        await service.RowsAsync("UPDATE book SET folios = last_folio + 1 WHERE kind = 'register' RETURNING 'x'");
        await association.DoAsync(Roles.Secretary, "registration", Registration());
        var next = await service.RecognizedAsync();
        await next.TryAsync(Roles.Secretary, "registration", Registration()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "book_full");
        await service.PostAsync(Roles.Secretary, "/register-books", new { folios = 100, openedOn = "2017-02-20" }).JsonAsync();
        await next.TryAsync(Roles.Secretary, "registration", Registration()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "register_book_unknown");
        await next.DoAsync(Roles.Secretary, "registration", new { book = 2, registeredOn = "2017-02-20" });
    }

    [Fact]
    public async Task The_constitution_opens_six_books_and_is_the_first_entry_of_its_own()
    {
        var association = await service.RegisterAssociationAsync();
        await association.DoAsync(Roles.Promoter, "constitution", association.Constitution(minutes: 4));
        var books = (await service.GetAsync(Roles.Promoter, $"/associations/{association.Id}/books").JsonAsync()).AsArray();
        Assert.Equal(
            ["assembly-minutes", "board-minutes", "directors", "inventory", "members", "treasury"], books.Select(b => b!.Text("kind")).Order(StringComparer.Ordinal));
        var entries = (await EntriesAsync(association)).ToArray();
        Assert.Equal(("4", "1"), (entries.Single()["entry"]!.ToString(), entries.Single()["folio"]!.ToString()));
        Assert.NotNull(entries.Single()["closedAt"]);
    }

    [Fact]
    public async Task Entries_written_at_once_follow_each_other_and_their_folios_too()
    {
        var association = await ConstitutedAsync();
        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => WriteAsync(association, pages: 1 + i % 3)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
        // A refused one in between leaves no hole.
        await WriteAsync(association, pages: 500).ProblemAsync(HttpStatusCode.BadRequest, "invalid_fields");
        var entries = (await EntriesAsync(association)).ToArray();
        Assert.Equal(Enumerable.Range(1, 21), entries.Select(e => (int)e["entry"]!));
        Assert.All(entries.Zip(entries.Skip(1)), pair => Assert.Equal((int)pair.First["lastFolio"]! + 1, (int)pair.Second["folio"]!));
    }

    [Fact]
    public async Task Two_secretaries_who_write_the_same_entry_at_once_do_not_overwrite_each_other()
    {
        var association = await ConstitutedAsync();
        var written = await WriteAsync(association).JsonAsync();
        var path = $"/associations/{association.Id}/books/assembly-minutes/entries/{written["entry"]}";
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => service.PutAsync(
            Roles.Secretary, path, new { datedOn = "2017-03-01", title = $"Versión {i}", text = "Texto" }, "\"1\"")));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        Assert.Equal(7, answers.Count(a => a.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task A_draft_changes_a_closed_entry_does_not_and_a_later_one_corrects_it()
    {
        var association = await ConstitutedAsync();
        var draft = await WriteAsync(association).JsonAsync();
        var path = $"/associations/{association.Id}/books/assembly-minutes/entries/{draft["entry"]}";
        await WriteAsync(association, corrects: (int)draft["entry"]!).ProblemAsync(HttpStatusCode.UnprocessableEntity, "corrects_no_closed_entry");
        await service.PutAsync(Roles.Promoter, path, new { datedOn = "2017-03-02", title = "Corregida", text = "Otro texto" }, "\"1\"").JsonAsync();
        await service.PostAsync(Roles.Secretary, path + "/closing", null, "\"1\"").ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        var closed = await service.PostAsync(Roles.Secretary, path + "/closing", null, "\"2\"").JsonAsync();
        Assert.Equal("Corregida", closed.Text("title"));
        await service.PutAsync(Roles.Promoter, path, new { datedOn = "2017-03-02", title = "Tarde", text = "Tarde" }, "\"3\"").ProblemAsync(HttpStatusCode.Conflict, "book_entry_immutable");
        var correction = await WriteAsync(association, corrects: (int)draft["entry"]!).JsonAsync();
        Assert.Equal(draft["entry"]!.ToString(), correction["correctsEntry"]!.ToString());
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["1", draft["entry"]!.ToString()], // The constitution's minutes, and these.
            await service.RowsAsync($"SELECT body ->> 'entry' FROM published_event WHERE subject = '{association.Id}' AND type LIKE '%BookEntryClosed' ORDER BY position"));
    }

    [Fact]
    public async Task A_full_book_is_closed_and_the_next_one_goes_on_with_its_numbers()
    {
        var association = await ConstitutedAsync();
        await WriteAsync(association).JsonAsync();
        var opening = new { kind = "assembly-minutes", folios = 50, openedOn = "2018-01-02" };
        await service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/books", opening).ProblemAsync(HttpStatusCode.Conflict, "book_has_drafts");
        await service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/books/assembly-minutes/entries/2/closing", null, "\"1\"").JsonAsync();
        var next = await service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/books", opening).JsonAsync();
        Assert.Equal("2", next["number"]!.ToString());
        var entry = await WriteAsync(association, on: "2018-01-03").JsonAsync();
        Assert.Equal(("2", "3", "1"), (entry["book"]!.ToString(), entry["entry"]!.ToString(), entry["folio"]!.ToString()));
    }

    [Fact]
    public async Task A_book_is_changed_while_others_write_and_no_number_comes_twice()
    {
        var association = await ConstitutedAsync();
        for (var round = 0; round < 3; round++)
        {
            var writing = Enumerable.Range(0, 6).Select(_ => WriteAsync(association)).ToArray();
            using var opening = await service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/books", new { kind = "assembly-minutes", folios = 50, openedOn = "2018-01-02" });
            await Task.WhenAll(writing);
            foreach (var entry in (await EntriesAsync(association)).Where(e => e["closedAt"] is null))
                await service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/books/assembly-minutes/entries/{entry["entry"]}/closing", null, "\"1\"").JsonAsync();
            await service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/books", new { kind = "assembly-minutes", folios = 50, openedOn = "2018-01-02" }).JsonAsync();
        }
        var numbers = (await EntriesAsync(association)).Select(e => (int)e["entry"]!).ToArray();
        Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
        // What stands in a book that is closed is corrected in the next one.
        var correction = await WriteAsync(association, corrects: 1).JsonAsync();
        Assert.Equal("1", correction["correctsEntry"]!.ToString());
    }

    [Fact]
    public async Task Minutes_that_an_assembly_writes_are_told_as_closed()
    {
        var association = await ConstitutedAsync();
        await association.DoAsync(Roles.Promoter, "elections", association.Election("2018-12-15"));
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["1", "2"], await service.RowsAsync($"SELECT body ->> 'entry' FROM published_event WHERE subject = '{association.Id}' AND type LIKE '%BookEntryClosed' ORDER BY position"));
    }

    private async Task<Association> ConstitutedAsync()
    {
        var association = await service.RegisterAssociationAsync();
        await association.ConstituteAsync();
        return association;
    }

    private Task<HttpResponseMessage> WriteAsync(Association association, int pages = 1, int? corrects = null, string on = "2017-03-01") =>
        service.PostAsync(Roles.Secretary, $"/associations/{association.Id}/books/assembly-minutes/entries",
            new { datedOn = on, title = "Asamblea ordinaria", text = "En el caserío, a las catorce horas.", pages, correctsEntry = corrects });

    private async Task<IEnumerable<JsonNode>> EntriesAsync(Association association) =>
        (await service.GetAsync(Roles.Promoter, $"/associations/{association.Id}/books/assembly-minutes/entries?limit=200").JsonAsync())["items"]!.AsArray().Select(e => e!);
}
