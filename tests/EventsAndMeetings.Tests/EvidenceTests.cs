using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

public sealed class EvidenceTests(AgendaService service) : IClassFixture<AgendaService>
{
    [Fact]
    public async Task A_meeting_held_and_a_committee_formed_count_once_each_even_when_told_twice()
    {
        var plan = await service.ImportPlanAsync();
        await plan.CountAsync(2, ("meeting-held", "association"), ("committee-formed", "youth"));
        await plan.CountAsync(6, ("meeting-held", "association"));
        var body = await service.AssociationAsync(3);
        var committee = AgendaService.Committee(Guid.CreateVersion7());

        var meeting = await service.ConvenedAsync(body);
        await meeting.AttendAsync(body.Members);
        await meeting.DoAsync("calls", new { call = 1 });
        await service.TellAsync(committee, committee);
        await EvidenceAsync(plan, 2, 2);
        await EvidenceAsync(plan, 6, 1);

        // The same facts again: redelivered, and said anew under another message id.
        await service.TellAsync(committee, committee with { EventId = Guid.CreateVersion7() });
        await service.EverythingSaidAsync();
        Assert.Equal(["1"], await service.RowsAsync(
            $"""
            WITH again AS (INSERT INTO outbox (message_id, type, public_type, subject, version, body, created_at)
                SELECT gen_random_uuid(), type, public_type, subject, version, body, created_at FROM published_event WHERE subject = '{meeting.Id}' AND type LIKE '%:MeetingHeld' RETURNING 1)
            SELECT count(*)::text FROM again
            """));
        await service.EverythingSaidAsync();
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), kind: "prevention"));
        await plan.LookAsync();
        Assert.Equal((2, 1), ((int)plan.Activity(2)["evidenceCount"]!, (int)plan.Activity(6)["evidenceCount"]!));

        var evidence = (await service.GetAsync(Roles.Council, $"/plans/{plan.Id}/activities/2/evidence").JsonAsync())["items"]!.AsArray();
        Assert.Equal(["2017-03-01", "2017-06-15"], evidence.Select(e => e!.Text("factDate")).Order(StringComparer.Ordinal));
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["2 1", "2 2", "6 1"],
            await service.RowsAsync($"SELECT (body ->> 'activityNumber') || ' ' || (body ->> 'evidenceCount') FROM published_event WHERE subject = '{plan.Id}' AND type LIKE '%Progressed' ORDER BY 1"));
    }

    [Fact]
    public async Task Facts_of_another_year_or_another_kind_do_not_count_and_those_told_before_the_rule_do()
    {
        var plan = await service.ImportPlanAsync(2019);
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), "2019-02-01"), AgendaService.Committee(Guid.CreateVersion7(), "2018-12-31"));
        await plan.CountAsync(1, ("committee-formed", "youth"));
        Assert.Equal((1, 1m), ((int)plan.Activity(1)["evidenceCount"]!, (decimal)plan.Activity(1)["executed"]!));
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), "2018-11-30"), AgendaService.Committee(Guid.CreateVersion7(), "2019-05-01", "prevention"));
        await service.TellAsync(AgendaService.Committee(Guid.CreateVersion7(), "2019-12-31"));
        await EvidenceAsync(plan, 1, 2);
    }

    [Fact]
    public async Task A_change_of_the_rules_counts_anew_and_never_twice()
    {
        var plan = await service.ImportPlanAsync(2021);
        var (youth, prevention) = (AgendaService.Committee(Guid.CreateVersion7(), "2021-02-01"), AgendaService.Committee(Guid.CreateVersion7(), "2021-03-01", "prevention"));
        await service.TellAsync(youth, prevention);
        await plan.CountAsync(1, ("committee-formed", "youth"));
        await plan.CountAsync(1, ("committee-formed", "youth"), ("committee-formed", "*"));
        Assert.Equal(2, (int)plan.Activity(1)["evidenceCount"]!);
        await service.TellAsync(youth with { EventId = Guid.CreateVersion7() }); // Told again under another id.
        await plan.CountAsync(1, ("committee-formed", "prevention"));
        Assert.Equal((1, 1m), ((int)plan.Activity(1)["evidenceCount"]!, (decimal)plan.Activity(1)["executed"]!));
        await plan.CountAsync(1);
        Assert.Equal((0, 0m), ((int)plan.Activity(1)["evidenceCount"]!, (decimal)plan.Activity(1)["executed"]!));
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["1", "2", "1", "0"],
            await service.RowsAsync($"SELECT body ->> 'evidenceCount' FROM published_event WHERE subject = '{plan.Id}' AND type LIKE '%Recounted' ORDER BY version"));
    }

    [Fact]
    public async Task A_person_shows_a_photo_and_a_place_and_may_take_it_back_with_a_reason()
    {
        var plan = await service.ImportPlanAsync(2022);
        await plan.TryShowAsync(1, "2022-03-01").ProblemAsync(HttpStatusCode.UnprocessableEntity, "evidence_without_proof");
        await plan.TryShowAsync(1, "2022-03-01", 1, Guid.CreateVersion7()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "file_unknown");
        await plan.TryShowAsync(1, "2021-03-01", 1, await service.PhotoAsync()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "evidence_of_another_year");
        await plan.TryShowAsync(1, "2022-03-01", 0, await service.PhotoAsync()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "evidence_quantity");
        await plan.TryShowAsync(1, "2022-03-01", 1.001m, await service.PhotoAsync()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "evidence_quantity");
        await plan.TryShowAsync(99, "2022-03-01", 1, await service.PhotoAsync()).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        var (key, body) = (Guid.NewGuid().ToString(), new { date = "2022-03-01", description = "Cartelera nueva", place = "Casa comunal", photoId = await service.PhotoAsync(), quantity = 2.5m });
        var shown = await service.PostAsync(Roles.Promoter, $"/plans/{plan.Id}/activities/1/evidence", body, key: key).JsonAsync();
        Assert.Equal(shown.Text("factId"), (await service.PostAsync(Roles.Promoter, $"/plans/{plan.Id}/activities/1/evidence", body, key: key).JsonAsync()).Text("factId"));
        await plan.ShowAsync(1, "2022-03-02");
        await plan.LookAsync();
        Assert.Equal((2, 3.5m), ((int)plan.Activity(1)["evidenceCount"]!, (decimal)plan.Activity(1)["executed"]!));

        var path = $"/plans/{plan.Id}/activities/1/evidence/{shown.Text("factId")}/withdrawal";
        Assert.Equal("Otra foto", (await service.PostAsync(Roles.UnitHead, path, new { reason = "Otra foto" }).JsonAsync()).Text("withdrawnReason"));
        await service.PostAsync(Roles.UnitHead, path, new { reason = "Otra vez" }).ProblemAsync(HttpStatusCode.Conflict, "evidence_withdrawn");
        await plan.LookAsync();
        Assert.Equal((1, 1m), ((int)plan.Activity(1)["evidenceCount"]!, (decimal)plan.Activity(1)["executed"]!));
        Assert.Equal(2, (await service.GetAsync(Roles.Auditor, $"/plans/{plan.Id}/activities/1/evidence").JsonAsync())["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task What_a_service_told_is_not_taken_back_by_hand_and_many_at_once_add_up()
    {
        var plan = await service.ImportPlanAsync(2023);
        await plan.CountAsync(2, ("committee-formed", "youth"));
        var told = AgendaService.Committee(Guid.CreateVersion7(), "2023-02-01");
        await service.TellAsync(told);
        await service.PostAsync(Roles.UnitHead, $"/plans/{plan.Id}/activities/2/evidence/{told.CommitteeId}/withdrawal", new { reason = "x" })
            .ProblemAsync(HttpStatusCode.Conflict, "evidence_told_by_a_service");
        var photos = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.PhotoAsync()));
        var answers = await Task.WhenAll(photos.Select(p => plan.TryShowAsync(2, "2023-05-05", 0.5m, p)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
        // What was shown once proves once, for the activity that it was shown for.
        await plan.TryShowAsync(2, "2023-06-06", 1, photos[0]).ProblemAsync(HttpStatusCode.Conflict, "evidence_twice");
        Assert.Equal(HttpStatusCode.Created, (await plan.TryShowAsync(1, "2023-06-06", 1, photos[0])).StatusCode);
        await service.PostAsync(Roles.Promoter, $"/plans/{plan.Id}/activities/2/evidence", new { date = "2023-06-06", description = "Otra vez", place = "Casa comunal", fileId = photos[1] })
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, "file_not_a_document");
        await plan.LookAsync();
        Assert.Equal((21, 11m), ((int)plan.Activity(2)["evidenceCount"]!, (decimal)plan.Activity(2)["executed"]!));
        Assert.Equal("21 11.00", await service.QueryAsync<string>(
            $"SELECT count(*) || ' ' || sum(quantity) FROM evidence WHERE plan_id = '{plan.Id}' AND activity_number = 2 AND withdrawn_at IS NULL"));
    }

    [Fact]
    public async Task A_photo_keeps_its_colours_and_which_side_is_up()
    {
        byte[] adobe = [0xFF, 0xEE, 0x00, 0x0E, .. "Adobe\0d\0\0\0\0\u0001"u8];
        byte[] Exif(bool little) => little
            ? [0xFF, 0xE1, 0x00, 0x2E, .. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 2, 0, 0x0F, 0x01, 2, 0, 4, 0, 0, 0, (byte)'T', (byte)'e', (byte)'l', 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]
            : [0xFF, 0xE1, 0x00, 0x22, .. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        byte[] scan = [0xFF, 0xDA, .. Guid.NewGuid().ToByteArray()];
        foreach (var little in new[] { true, false })
        {
            var stored = await service.StoreAsync([0xFF, 0xD8, .. Exif(little), .. adobe, .. scan]).JsonAsync();
            Assert.Equal([0xFF, 0xD8, .. Exif(little: false), .. adobe, .. scan], await (await service.GetAsync(Roles.Promoter, $"/files/{stored.Text("id")}")).Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_photo_that_proves_nothing_is_not_kept()
    {
        var plan = await service.ImportPlanAsync(2026);
        var (used, unused, fresh) = (await service.PhotoAsync(), await service.PhotoAsync(), await service.PhotoAsync());
        Assert.Equal(HttpStatusCode.Created, (await plan.TryShowAsync(2, "2026-02-02", 1, used)).StatusCode);
        await service.RowsAsync($"UPDATE stored_file SET stored_at = stored_at - interval '8 days' WHERE id IN ('{used}', '{unused}') RETURNING 'x'");
        await service.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Files.DropUnusedFiles>().Single().ApplyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            new[] { used, fresh }.Order(), (await service.RowsAsync($"SELECT id::text FROM stored_file WHERE id IN ('{used}', '{unused}', '{fresh}')")).Select(Guid.Parse).Order());
    }

    [Fact]
    public async Task A_file_is_kept_once_without_what_the_telephone_wrote_into_it()
    {
        byte[] gps = [0xFF, 0xE1, 0x00, 0x0A, .. "Exif\0\0GP"u8];
        byte[] scan = [0xFF, 0xDA, .. Guid.NewGuid().ToByteArray()];
        byte[] photo = [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x04, 0x01, 0x02, .. gps, 0xFF, 0xFE, 0x00, 0x04, (byte)'h', (byte)'i', .. scan];
        var stored = await service.StoreAsync(photo).JsonAsync();
        var read = await (await service.GetAsync(Roles.Promoter, $"/files/{stored.Text("id")}")).Content.ReadAsByteArrayAsync();
        Assert.Equal([0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x04, 0x01, 0x02, .. scan], read);
        Assert.Equal(stored.Text("id"), (await service.StoreAsync(photo).JsonAsync()).Text("id"));
        Assert.Equal("application/pdf", (await service.StoreAsync([.. "%PDF-1.4"u8, .. Guid.NewGuid().ToByteArray()], "application/pdf").JsonAsync()).Text("contentType"));
        Assert.Equal(HttpStatusCode.Created, (await service.StoreAsync([0xFF, 0xD8, 0xFF, 0xE1, 0, 0, .. Guid.NewGuid().ToByteArray()])).StatusCode); // A segment shorter than its own length.
        await service.StoreAsync([.. "MZ"u8, .. Guid.NewGuid().ToByteArray()]).ProblemAsync(HttpStatusCode.UnsupportedMediaType, "file_kind");
        await service.StoreAsync([]).ProblemAsync(HttpStatusCode.UnsupportedMediaType, "file_kind");
        // Cut short anywhere, it is still read to its end.
        for (var length = 3; length < photo.Length; length++)
            Assert.True(ServiceDefaults.Files.StoredFile.WithoutMetadata(photo[..length]).Length <= length);
    }

    [Fact]
    public void A_PNG_and_a_WebP_lose_what_the_telephone_wrote_into_them()
    {
        static byte[] Png(string type, byte[] content) => [0, 0, 0, (byte)content.Length, .. System.Text.Encoding.ASCII.GetBytes(type), .. content, 1, 2, 3, 4];
        byte[] signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];
        byte[] png = [.. signature, .. Png("IHDR", [1, 2]), .. Png("eXIf", [9, 9, 9]), .. Png("tEXt", [8]), .. Png("IDAT", [5, 6]), .. Png("IEND", [])];
        Assert.Equal([.. signature, .. Png("IHDR", [1, 2]), .. Png("IDAT", [5, 6]), .. Png("IEND", [])], ServiceDefaults.Files.StoredFile.WithoutPngMetadata(png));
        static byte[] Riff(string type, byte[] content) => [.. System.Text.Encoding.ASCII.GetBytes(type), (byte)content.Length, 0, 0, 0, .. content, .. content.Length % 2 == 1 ? new byte[1] : []];
        static byte[] Webp(params byte[][] chunks) => [.. "RIFF"u8, (byte)(4 + chunks.Sum(c => c.Length)), 0, 0, 0, .. "WEBP"u8, .. chunks.SelectMany(c => c)];
        var webp = Webp(Riff("VP8X", [0x1C, 0, 0]), Riff("VP8 ", [1, 2, 3, 4]), Riff("EXIF", [9, 9, 9]), Riff("XMP ", [8, 8]));
        Assert.Equal(Webp(Riff("VP8X", [0x10, 0, 0]), Riff("VP8 ", [1, 2, 3, 4])), ServiceDefaults.Files.StoredFile.WithoutWebpMetadata(webp));
        for (var length = 13; length < webp.Length; length++)
            Assert.True(ServiceDefaults.Files.StoredFile.WithoutWebpMetadata(webp[..length]).Length <= length);
        for (var length = 8; length < png.Length; length++)
            Assert.True(ServiceDefaults.Files.StoredFile.WithoutPngMetadata(png[..length]).Length <= length);
    }

    [Fact]
    public async Task Many_facts_at_once_are_all_counted_and_numbered()
    {
        var plan = await service.ImportPlanAsync(2020);
        await plan.CountAsync(1, ("committee-formed", "youth"));
        await service.TellAsync([.. Enumerable.Range(0, 30).Select(_ => AgendaService.Committee(Guid.CreateVersion7(), "2020-02-01"))]);
        await EvidenceAsync(plan, 1, 30);
        await service.EverythingSaidAsync();
        Assert.Equal(
            Enumerable.Range(1, 30).Select(i => $"{i}"),
            await service.RowsAsync($"SELECT body ->> 'evidenceCount' FROM published_event WHERE subject = '{plan.Id}' AND type LIKE '%Progressed' ORDER BY version"));
    }

    private static async Task EvidenceAsync(Plan plan, int activity, int count)
    {
        await Eventually.TrueAsync(async () => (int)(await plan.LookAsync())["activities"]![activity - 1]!["evidenceCount"]! >= count, what: $"{count} pieces of evidence");
        Assert.Equal((count, count), ((int)plan.Activity(activity)["evidenceCount"]!, (decimal)plan.Activity(activity)["executed"]!));
        // Done is what has reached its target; without one, a first piece of evidence is enough.
        Assert.Equal(plan.Activity(activity)["target"] is not { } target || count >= (decimal)target, (bool)plan.Activity(activity)["done"]!);
    }
}
