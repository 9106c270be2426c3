using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProyeccionSocial.Contracts;
using ProyeccionSocial.Contracts.Budget;
using ProyeccionSocial.Contracts.Distribution;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.EventsAndMeetings.Tests;

/// <summary>The wall newspaper, from what was published to the wall and off it.</summary>
public sealed class NewspaperTests(AgendaService service) : IClassFixture<AgendaService>
{
    private static readonly PlaceRef Place = new(Guid.CreateVersion7(), "hamlet", "El Ensayo", "El Ensayo, Las Lomas, San Prueba");
    private static readonly object Checklist = new { privacy = true, noElectioneering = true, plainLanguage = true, factsChecked = true };

    // Of this month, because an edition tells of what has happened.
    private static DateOnly Month { get; } = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6)) is var today ? new(today.Year, today.Month, 1) : default;

    private Task KeptAsync(params Guid[] events) => Eventually.TrueAsync(async () =>
        await service.QueryAsync<long>($"SELECT count(*) FROM public_news WHERE id IN ({string.Join(", ", events.Select(e => $"'{e}'"))})") == events.Length);

    private async Task<JsonNode> BeginAsync() => await service.PostAsync(Roles.Promoter, "/editions", new { month = Month, issuedAt = "San Prueba, La Prueba" }).JsonAsync();

    private Task<HttpResponseMessage> TryAsync(JsonNode edition, string step, object? body, string role = Roles.UnitHead, string subject = "jefa") =>
        service.PostAsync(role, $"/editions/{edition.Text("id")}/{step}", body, $"\"{edition["version"]}\"", subject: subject);

    private async Task<JsonNode> WrittenAsync(JsonNode edition, params object[] items) =>
        await service.PutAsync(Roles.Promoter, $"/editions/{edition.Text("id")}/content", new { items }, $"\"{edition["version"]}\"").JsonAsync();

    private async Task<JsonNode> ApprovedAsync()
    {
        var edition = await WrittenAsync(await BeginAsync(), new { section = "notices", title = "Aviso", text = "Hay reunión." });
        edition = await TryAsync(edition, "submission", null, Roles.Promoter, "promotora").JsonAsync();
        return await TryAsync(edition, "approval", new { checklist = Checklist }).JsonAsync();
    }

    [Fact]
    public async Task An_edition_proposes_the_months_events_by_section_and_what_is_still_to_come()
    {
        var project = new ProjectCreated { ProjectId = Guid.CreateVersion7(), Name = "Agua potable", Place = Place, CycleId = Guid.CreateVersion7(), Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 };
        var money = new ProjectMoneyChanged { ProjectId = project.ProjectId, Name = "Agua potable", Place = Place, Approved = 23_000, Committed = 21_000, Paid = 9_000, Contributed = 1_500, Version = 2 };
        var older = new ProjectMoneyChanged { ProjectId = Guid.CreateVersion7(), Name = "Obra de antes", Place = Place, Approved = 1, Committed = 0, Paid = 0, Contributed = 0, Version = 2 };
        var day = new DeliveryDayScheduled
        {
            DeliveryDayId = Guid.CreateVersion7(), Campaign = "Paquete 2027", Centre = "Casa comunal", Place = Place, Date = Month.AddMonths(1).AddDays(9), Opens = new(8, 0), Closes = new(12, 0), Version = 1,
        };
        var off = day with { EventId = Guid.CreateVersion7(), DeliveryDayId = Guid.CreateVersion7(), Centre = "Escuela" };
        var cancelled = new DeliveryDayCancelled { DeliveryDayId = off.DeliveryDayId, Campaign = off.Campaign, Centre = off.Centre, Place = Place, Date = off.Date, Opens = off.Opens, Closes = off.Closes, Version = 2 };
        await KeptAsync(
            await service.HappenAsync(project), await service.HappenAsync(money), await service.HappenAsync(older, new DateTimeOffset(Month.AddDays(-3).ToDateTime(default), TimeSpan.Zero)), await service.HappenAsync(day), await service.HappenAsync(off), await service.HappenAsync(cancelled));

        var edition = await BeginAsync();
        var items = edition["items"]!.AsArray();
        var about = items.Single(i => i!["about"]?.GetValue<Guid>() == project.ProjectId)!;
        Assert.Equal("projects", about.Text("section"));
        Assert.Equal("Agua potable", about.Text("title"));
        Assert.Contains("La propuesta se volvió obra, con $23,500.00.", about.Text("text"), StringComparison.Ordinal);
        Assert.Contains("pagado $9,000.00", about.Text("text"), StringComparison.Ordinal);
        Assert.DoesNotContain(items, i => i!.Text("title") == "Obra de antes");
        var coming = items.Single(i => i!["about"]?.GetValue<Guid>() == day.DeliveryDayId)!;
        Assert.Equal("packages", coming.Text("section"));
        Assert.Contains("a las 08:00", coming.Text("text"), StringComparison.Ordinal);
        var gone = items.Single(i => i!["about"]?.GetValue<Guid>() == off.DeliveryDayId)!;
        Assert.Equal("notices", gone.Text("section"));
        Assert.StartsWith("No se hará", gone.Text("text"), StringComparison.Ordinal);
        Assert.Contains(items, i => i!.Text("section") == "information-requests");
        // Sections in their order.
        var order = items.Select(i => i!.Text("section")).ToList();
        Assert.True(order.IndexOf("projects") < order.IndexOf("packages") && order.IndexOf("packages") < order.IndexOf("information-requests"));

        // What comes later is found, once.
        edition = await WrittenAsync(edition, [.. items.Select(i => JsonNode.Parse(i!.ToJsonString())!)]);
        var later = new ProjectCreated { ProjectId = Guid.CreateVersion7(), Name = "Cancha", Place = Place, CycleId = project.CycleId, Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 5_000, Version = 1 };
        await KeptAsync(await service.HappenAsync(later));
        var found = await service.GetAsync(Roles.Promoter, $"/editions/{edition.Text("id")}/proposals").JsonAsync();
        Assert.Contains(found.AsArray(), f => f!.Text("title") == "Cancha");
        Assert.DoesNotContain(found.AsArray(), f => f!.Text("title") == "Agua potable");
    }

    [Fact]
    public async Task An_edition_is_approved_by_somebody_else_who_looked_at_everything_and_then_stays()
    {
        var body = await service.AssociationAsync(3); // Members are called "Persona Inventada".
        Assert.NotEmpty(body.Members);
        var edition = await BeginAsync();
        await TryAsync(edition, "approval", new { checklist = Checklist }).ProblemAsync(HttpStatusCode.Conflict, "edition_not_in_review");
        edition = await WrittenAsync(edition, new { section = "recognitions", title = "Gracias", text = "Felicitamos a Persona Inventada." }, new { section = "notices", title = "Aviso", text = "Vote por nuestro candidato." });
        Assert.Equal(["1 privacy", "2 no-electioneering", "2 no-electioneering"], edition["hints"]!.AsArray().Select(h => $"{h!["item"]} {h.Text("point")}"));
        await service.PutAsync(Roles.Promoter, $"/editions/{edition.Text("id")}/content", new { items = new[] { new { section = "notices", title = "DUI 91234567-7", text = "x" } } }, $"\"{edition["version"]}\"")
            .ProblemAsync(HttpStatusCode.BadRequest, "invalid_fields");
        await service.PutAsync(Roles.Promoter, $"/editions/{edition.Text("id")}/content", new { items = Array.Empty<object>() }, "\"1\"").ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");

        edition = await TryAsync(edition, "submission", null, Roles.Promoter, "promotora").JsonAsync();
        await service.PutAsync(Roles.Promoter, $"/editions/{edition.Text("id")}/content", new { items = Array.Empty<object>() }, $"\"{edition["version"]}\"").ProblemAsync(HttpStatusCode.Conflict, "edition_not_draft");
        edition = await TryAsync(edition, "return", new { remarks = "No nombre a personas ni a candidatos." }).JsonAsync();
        Assert.Equal("draft", edition.Text("state"));
        edition = await WrittenAsync(edition, new { section = "notices", title = "Aviso", text = "Hay reunión el jueves." });
        edition = await TryAsync(edition, "submission", null, Roles.UnitHead, "jefa").JsonAsync();
        await TryAsync(edition, "approval", new { checklist = Checklist }, subject: "jefa").ProblemAsync(HttpStatusCode.Conflict, "edition_own_review");
        await TryAsync(edition, "approval", new { checklist = new { privacy = false, noElectioneering = true, plainLanguage = true, factsChecked = true } }, subject: "otra").ProblemAsync(HttpStatusCode.UnprocessableEntity, "edition_checklist");
        edition = await TryAsync(edition, "approval", new { checklist = Checklist }, subject: "otra").JsonAsync();
        Assert.Equal("approved", edition.Text("state"));

        await service.EverythingSaidAsync();
        var told = JsonNode.Parse(await service.QueryAsync<string>($"SELECT body::text FROM published_event WHERE subject = '{edition.Text("id")}'"))!;
        Assert.Equal(edition.Text("edition"), told.Text("edition"));
        Assert.Equal("Hay reunión el jueves.", told["items"]![0]!.Text("text"));
        // The database says so too.
        foreach (var change in new[] { "items = '[]'", "state = 'draft', submitted_by = NULL, approved_by = NULL, approved_at = NULL", "issued_at = 'x'" })
            await Assert.ThrowsAsync<Npgsql.PostgresException>(() => service.RowsAsync($"UPDATE newspaper_edition SET {change} WHERE id = '{edition.Text("id")}' RETURNING ''"));
    }

    [Fact]
    public async Task Numbers_of_a_year_have_no_gap_whoever_begins_at_once()
    {
        var begun = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => BeginAsync()));
        var numbers = begun.Select(e => int.Parse(e.Text("edition").Split('-')[1], System.Globalization.CultureInfo.InvariantCulture)).Order().ToList();
        Assert.Equal(Enumerable.Range(numbers[0], 8), numbers);
    }

    [Fact]
    public async Task What_was_taken_back_meanwhile_is_not_approved()
    {
        var project = new ProjectCreated { ProjectId = Guid.CreateVersion7(), Name = "Puente", Place = Place, CycleId = Guid.CreateVersion7(), Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 };
        await KeptAsync(await service.HappenAsync(project));
        var edition = await BeginAsync();
        edition = await WrittenAsync(edition, JsonNode.Parse(edition["items"]!.AsArray().Single(i => i!["about"]?.GetValue<Guid>() == project.ProjectId)!.ToJsonString())!);
        edition = await TryAsync(edition, "submission", null, Roles.Promoter, "promotora").JsonAsync();
        await service.HappenAsync(new Contracts.Budget.PublicationWithdrawn { PublicationId = project.EventId, About = project.ProjectId, Publication = "budget.project.created.v1", Cause = "error", Version = 1 });
        await Eventually.TrueAsync(async () => await service.QueryAsync<long>($"SELECT count(*) FROM public_news WHERE id = '{project.EventId}' AND taken_back") == 1);
        await service.HappenAsync(project); // It comes again, late: it stays taken back.
        await KeptAsync(await service.HappenAsync(project with { EventId = Guid.CreateVersion7(), ProjectId = Guid.CreateVersion7() }));
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM public_news WHERE id = '{project.EventId}' AND line <> ''"));
        await TryAsync(edition, "approval", new { checklist = Checklist }).ProblemAsync(HttpStatusCode.Conflict, "edition_source_withdrawn");
    }

    /// <summary>What is corrected before the approval is said, also of what is still to come; who reviews is told where the text does not have it.</summary>
    [Fact]
    public async Task A_correction_is_proposed_and_pointed_out_until_the_text_has_it()
    {
        var day = new DeliveryDayScheduled
        {
            DeliveryDayId = Guid.CreateVersion7(), Campaign = "Paquete 2027", Centre = "Casa comunal", Place = Place, Date = Month.AddMonths(1).AddDays(11), Opens = new(8, 0), Closes = new(12, 0), Version = 1,
        };
        await KeptAsync(await service.HappenAsync(day));
        var edition = await BeginAsync();
        var item = edition["items"]!.AsArray().Single(i => i!["about"]?.GetValue<Guid>() == day.DeliveryDayId)!.ToJsonString();
        edition = await WrittenAsync(edition, JsonNode.Parse(item)!);
        Assert.Empty(edition["hints"]!.AsArray());
        Contracts.Distribution.PublicationCorrected Corrected(string words, int version) => new() { PublicationId = day.EventId, About = day.DeliveryDayId, Publication = "distribution.delivery-day.scheduled.v1", Correction = words, Version = version };
        var (first, second, wrong) = (Corrected("Será el 13.", 1), Corrected("Es en el parque.", 2), Corrected("La lleva doña Inventada.", 3));
        foreach (var correction in new[] { first, second, wrong })
            await service.HappenAsync(correction);
        await service.HappenAsync(new Contracts.Distribution.PublicationWithdrawn { PublicationId = wrong.EventId, About = day.DeliveryDayId, Publication = "distribution.publication.corrected.v1", Cause = "personal-data", Version = 1 });
        await Eventually.TrueAsync(async () => await service.QueryAsync<long>($"SELECT count(*) FROM news_correction WHERE subject = '{day.DeliveryDayId}' AND (words <> '' OR id = '{wrong.EventId}') AND (id <> '{wrong.EventId}' OR words = '')") == 3);
        edition = await service.GetAsync(Roles.Promoter, $"/editions/{edition.Text("id")}").JsonAsync();
        Assert.Equal(["facts-checked Se corrigió después: Será el 13.", "facts-checked Se corrigió después: Es en el parque."], edition["hints"]!.AsArray().Select(h => $"{h!.Text("point")} {h!.Text("words")}"));
        var proposed = (await service.GetAsync(Roles.Promoter, $"/editions/{(await BeginAsync()).Text("id")}").JsonAsync())["items"]!.AsArray().Single(i => i!["about"]?.GetValue<Guid>() == day.DeliveryDayId)!;
        Assert.EndsWith(" Corrección: Será el 13. Es en el parque.", proposed.Text("text"), StringComparison.Ordinal);
        // It comes again, late: it stays taken back.
        await service.HappenAsync(wrong);
        await KeptAsync(await service.HappenAsync(day with { EventId = Guid.CreateVersion7(), DeliveryDayId = Guid.CreateVersion7() }));
        Assert.Equal("", await service.QueryAsync<string>($"SELECT words FROM news_correction WHERE id = '{wrong.EventId}'"));
    }

    /// <summary>What was taken back after the approval is read in the portal, and may hang somewhere: somebody is told until it is dealt with.</summary>
    [Fact]
    public async Task An_approved_edition_that_says_what_was_taken_back_is_work_until_it_is_taken_back_itself()
    {
        var project = new ProjectCreated { ProjectId = Guid.CreateVersion7(), Name = "Pasarela", Place = Place, CycleId = Guid.CreateVersion7(), Zone = 1, ProposalId = Guid.CreateVersion7(), Granted = 23_500, Version = 1 };
        await KeptAsync(await service.HappenAsync(project));
        var edition = await BeginAsync();
        edition = await WrittenAsync(edition, JsonNode.Parse(edition["items"]!.AsArray().Single(i => i!["about"]?.GetValue<Guid>() == project.ProjectId)!.ToJsonString())!);
        edition = await TryAsync(edition, "submission", null, Roles.Promoter, "promotora").JsonAsync();
        edition = await TryAsync(edition, "approval", new { checklist = Checklist }).JsonAsync();
        await service.EverythingSaidAsync();
        Task<long> WorkAsync() => service.QueryAsync<long>($"SELECT count(*) FROM agenda_work(current_date) WHERE kind = 'edition-to-take-back' AND subject_id = '{edition.Text("id")}'");
        Assert.Equal(0, await WorkAsync());
        await service.HappenAsync(new Contracts.Budget.PublicationWithdrawn { PublicationId = project.EventId, About = project.ProjectId, Publication = "budget.project.created.v1", Cause = "personal-data", Version = 1 });
        await Eventually.TrueAsync(async () => await WorkAsync() == 1);
        var publication = await service.QueryAsync<Guid>($"SELECT message_id FROM published_event WHERE subject = '{edition.Text("id")}'");
        await service.PostAsync(Roles.UnitHead, $"/published/{publication}/withdrawal", new { cause = "personal-data" }).JsonAsync();
        Assert.Equal(0, await WorkAsync());
    }

    [Fact]
    public async Task An_approved_edition_is_posted_once_a_place_with_a_photo_and_taken_down()
    {
        var edition = await ApprovedAsync();
        var place = new { id = Guid.CreateVersion7(), kind = "hamlet", name = "El Ensayo", path = "El Ensayo, Las Lomas, San Prueba" };
        var photo = await service.PhotoAsync();
        var draft = await BeginAsync();
        await service.PostAsync(Roles.Promoter, $"/editions/{draft.Text("id")}/postings", new { place, postedOn = Month, photoId = photo }).ProblemAsync(HttpStatusCode.Conflict, "edition_not_approved");
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-6));
        Task<HttpResponseMessage> PostAsync(object where, DateOnly on, Guid with) => service.PostAsync(Roles.Promoter, $"/editions/{edition.Text("id")}/postings", new { place = where, postedOn = on, photoId = with });
        await PostAsync(place, today.AddDays(1), photo).ProblemAsync(HttpStatusCode.UnprocessableEntity, "date_in_future");
        await PostAsync(place, today.AddDays(-1), photo).ProblemAsync(HttpStatusCode.UnprocessableEntity, "posted_before_approval");
        await PostAsync(place, today, Guid.CreateVersion7()).ProblemAsync(HttpStatusCode.UnprocessableEntity, "file_unknown");
        var posted = await PostAsync(place, today, photo).JsonAsync();
        await PostAsync(place, today, await service.PhotoAsync()).ProblemAsync(HttpStatusCode.Conflict, "edition_already_posted");
        await PostAsync(new { id = Guid.CreateVersion7(), place.kind, place.name, place.path }, today, photo).ProblemAsync(HttpStatusCode.Conflict, "photo_already_used");

        // It is evidence for the plan, and the portal hears of it.
        var posting = posted["postings"]![0]!.Text("id");
        await Eventually.TrueAsync(async () => await service.QueryAsync<long>($"SELECT count(*) FROM plan_fact WHERE id = '{posting}'") == 1);
        await service.PostAsync(Roles.Promoter, $"/editions/{edition.Text("id")}/postings/{posting}/removal", new { takenDownOn = today.AddDays(-1) }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "taken_down_before_posted");
        var down = await service.PostAsync(Roles.Promoter, $"/editions/{edition.Text("id")}/postings/{posting}/removal", new { takenDownOn = today }).JsonAsync();
        Assert.Equal($"{today:yyyy-MM-dd}", down["postings"]![0]!.Text("takenDownOn"));
        await service.PostAsync(Roles.Promoter, $"/editions/{edition.Text("id")}/postings/{posting}/removal", new { takenDownOn = today }).ProblemAsync(HttpStatusCode.Conflict, "posting_taken_down");
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["agenda.wall-newspaper.approved.v1", "agenda.wall-newspaper.posted.v1", "agenda.wall-newspaper.taken-down.v1"],
            await service.RowsAsync($"SELECT public_type FROM published_event WHERE subject = '{edition.Text("id")}' ORDER BY position"));
    }

    /// <summary>The unit takes back what it published: the feed keeps a hash, and the portal and every subscriber hear of it.</summary>
    [Fact]
    public async Task What_was_published_is_corrected_and_taken_back_by_the_head_of_the_unit()
    {
        var edition = await ApprovedAsync();
        await service.EverythingSaidAsync();
        var publication = await service.QueryAsync<Guid>($"SELECT message_id FROM published_event WHERE subject = '{edition.Text("id")}'");
        await service.PostAsync(Roles.UnitHead, $"/published/{Guid.CreateVersion7()}/withdrawal", new { cause = "error" }).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await service.PostAsync(Roles.UnitHead, $"/published/{publication}/correction", new { correction = "Llame al 7123-4567." }).ProblemAsync(HttpStatusCode.UnprocessableEntity, "correction_not_public");
        Assert.Equal(1, (int)(await service.PostAsync(Roles.UnitHead, $"/published/{publication}/correction", new { correction = "La reunión es el viernes." }).JsonAsync())["notes"]!);
        await service.EverythingSaidAsync();
        // A correction is taken back like anything else, and by itself.
        Assert.Equal(2, (int)(await service.PostAsync(Roles.UnitHead, $"/published/{publication}/correction", new { correction = "La convoca doña Inventada." }).JsonAsync())["notes"]!);
        await service.EverythingSaidAsync();
        var mistaken = await service.QueryAsync<Guid>($"SELECT message_id FROM published_event WHERE subject = '{publication}' AND version = 2 AND public_type = 'agenda.publication.corrected.v1'");
        await service.PostAsync(Roles.UnitHead, $"/published/{mistaken}/correction", new { correction = "x" }).ProblemAsync(HttpStatusCode.Conflict, "publication_is_a_note");
        await service.PostAsync(Roles.UnitHead, $"/published/{mistaken}/withdrawal", new { cause = "personal-data" }).JsonAsync();
        Assert.Equal(0, await service.QueryAsync<long>("SELECT (SELECT count(*) FROM publication_note WHERE words LIKE '%Inventada%') + (SELECT count(*) FROM published_event WHERE body::text LIKE '%doña Inventada%')"));
        // What was taken back takes its corrections with it: they say what it said.
        var taken = await service.PostAsync(Roles.UnitHead, $"/published/{publication}/withdrawal", new { cause = "personal-data" }).JsonAsync();
        Assert.True(taken["withdrawn"]!.GetValue<bool>());
        await service.PostAsync(Roles.UnitHead, $"/published/{publication}/withdrawal", new { cause = "error" }).ProblemAsync(HttpStatusCode.Conflict, "publication_withdrawn");
        await service.EverythingSaidAsync();
        var feed = (await service.GetAsync(null, "/published?limit=1000").JsonAsync())["items"]!.AsArray();
        var emptied = feed.Single(i => i!["id"]!.GetValue<Guid>() == publication)!;
        Assert.Equal("""{"version":4}""", emptied["data"]!.ToJsonString());
        Assert.Matches("^[0-9a-f]{64}$", emptied.Text("withdrawn"));
        var notes = feed.Where(i => i!["data"]!["publicationId"]?.GetValue<Guid>() == publication).Select(i => $"{i!.Text("type")} {i!["data"]!["version"]}").ToList();
        Assert.Equal(["agenda.publication.withdrawn.v1 3"], notes);
        var corrections = feed.Where(i => i!.Text("subject") == publication.ToString() && i!.Text("type") == "agenda.publication.corrected.v1").ToList();
        Assert.Equal([$$"""{"version":1,"about":"{{edition.Text("id")}}"}""", $$"""{"version":2,"about":"{{edition.Text("id")}}"}"""], corrections.Select(c => c!["data"]!.ToJsonString()));
        var note = feed.Last(i => i!.Text("type") == "agenda.publication.withdrawn.v1")!["id"]!.GetValue<Guid>();
        await service.PostAsync(Roles.UnitHead, $"/published/{note}/withdrawal", new { cause = "error" }).ProblemAsync(HttpStatusCode.Conflict, "publication_is_a_note");
    }
}
