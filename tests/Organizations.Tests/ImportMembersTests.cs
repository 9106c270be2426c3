using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

/// <summary>Member rolls by the file: thousands of rows, bad ones among them, twice, and at once with people at work.</summary>
public sealed class ImportMembersTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    private const string Header = "place_code,association,dui,given_names,surnames,birth_date,sex,phone,joined_on,left_on\n";
    private static int _people = 2_000_000;

    [Fact]
    public async Task Ten_thousand_rows_with_bad_ones_among_them_are_taken_but_for_those_and_each_comes_back_with_its_reason()
    {
        var associations = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.RegisterAssociationAsync(1)));
        var file = new StringBuilder(Header);
        var bad = new Dictionary<int, string>();
        for (var i = 0; i < 10_000; i++)
        {
            var name = associations[i % 4].Seen.Text("name");
            var (dui, birth, joined, sex, phone, reason) = (i % 500) switch
            {
                7 => (NewDui()[..9] + "x", "1980-01-02", "2017-02-01", "female", "", "DUI no es válido"),
                8 => (NewDui(), "2005-01-02", "2017-02-01", "male", "", "No tenía 18 años"),
                9 => (NewDui(), "02/01/1980", "2017-01-09", "F", "", "anterior a la formación"),
                10 => (NewDui(), "1980-01-02", "2099-01-01", "m", "", "todavía no ha llegado"),
                11 => (NewDui(), "1980-01-02", "2017-02-01", "?", "", "sex no es"),
                12 => (NewDui(), "1980-01-02", "2017-02-01", "mujer", "12", "teléfono no es válido"),
                13 => (NewDui(), "ayer", "2017-02-01", "mujer", "", "fecha de nacimiento"),
                _ => (NewDui(), "1980-01-02", "01/02/2017", "Hombre", "7000-0000", null),
            };
            if (i % 500 == 14)
                (name, reason) = ("ADESCO Desconocida", "No hay una asociación");
            if (reason is not null)
                bad.Add(i + 2, reason);
            file.Append(CultureInfo.InvariantCulture, $"99-01-01-01-01,{name},{dui},Ána María,Pérez Ñúñez {i},{birth},{sex},{phone},{joined},\n");
        }
        var job = await ImportAsync(file.ToString());
        Assert.Equal(("completed", 10_000, 10_000 - bad.Count, bad.Count), (job.Text("state"), (int)job["total"]!, (int)job["accepted"]!, (int)job["rejected"]!));
        var rejected = await RejectedAsync(job);
        Assert.Equal(bad.Keys.Order(), rejected.Keys.Order());
        Assert.All(bad, b => Assert.Contains(b.Value, rejected[b.Key], StringComparison.Ordinal));
        Assert.Equal(10_000 - bad.Count, await service.QueryAsync<long>("SELECT count(*) FROM association_member m JOIN person p ON p.id = m.person_id WHERE p.surnames LIKE 'Pérez Ñúñez%'"));

        // The same file again changes nothing and says nothing.
        await service.EverythingSaidAsync();
        var before = (await service.RowCountsAsync(), await service.QueryAsync<long>("SELECT count(*) FROM published_event"), await VersionsAsync());
        var again = await ImportAsync(file.ToString());
        Assert.Equal((10_000, 10_000 - bad.Count), ((int)again["total"]!, (int)again["accepted"]!));
        await service.EverythingSaidAsync();
        var after = (await service.RowCountsAsync(), await service.QueryAsync<long>("SELECT count(*) FROM published_event"), await VersionsAsync());
        Assert.Equal(before.Item1.Where(t => !t.Key.StartsWith("import_", StringComparison.Ordinal)), after.Item1.Where(t => !t.Key.StartsWith("import_", StringComparison.Ordinal)));
        Assert.Equal(before.Item2, after.Item2);
        Assert.Equal(before.Item3, after.Item3);
    }

    [Fact]
    public async Task A_known_person_becomes_a_member_and_one_who_is_somebody_else_by_the_register_does_not()
    {
        var association = await service.RegisterAssociationAsync(1);
        var dui = OrganizationsService.NewDui();
        var known = (await service.PostAsync(Roles.Promoter, "/people", new { givenNames = "Ana", surnames = "Pérez", birthDate = "1980-01-02", sex = "female", dui }).JsonAsync()).Text("id");
        var other = OrganizationsService.NewDui();
        await service.PostAsync(Roles.Promoter, "/people", new { givenNames = "Ana", surnames = "Pérez", birthDate = "1980-01-02", sex = "female", dui = other }).JsonAsync();
        var name = association.Seen.Text("name").ToUpperInvariant();
        var job = await ImportAsync(Header
            + Row(name, dui, "Perez", "2017-02-01", "2017-05-31") // Without the accent: the same name.
            + Row(name, dui, "Pérez", "2017-06-01", "") // Joined again.
            + Row(name, dui, "Pérez", "2017-05-01", "") // Overlaps.
            + Row(name, other, "García", "2017-02-01", "")
            + Row(name, dui, "Pérez", "2017-02-01", "2017-05-31")); // Twice in the file.
        var rejected = await RejectedAsync(job);
        Assert.Equal([4, 5, 6], rejected.Keys.Order());
        Assert.Contains("en la línea 3", rejected[4], StringComparison.Ordinal);
        Assert.Contains("otro nombre", rejected[5], StringComparison.Ordinal);
        Assert.Contains("en la línea 2", rejected[6], StringComparison.Ordinal);
        Assert.Equal(
            ["2017-02-01 2017-05-31", "2017-06-01 "],
            await service.RowsAsync($"SELECT joined_on || ' ' || coalesce(left_on::text, '') FROM association_member WHERE person_id = '{known}' ORDER BY joined_on"));
        var overlapping = await ImportAsync(Header + Row(name, dui, "Pérez", "2017-05-31", "2017-06-15"));
        Assert.Contains("ya está en la nómina", (await RejectedAsync(overlapping))[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_association_that_is_spelt_in_two_ways_is_one()
    {
        var association = await service.RegisterAssociationAsync(1);
        var (name, dui) = (association.Seen.Text("name"), NewDui());
        var job = await ImportAsync(Header + Row(name, dui, "Pérez", "2017-02-01", "") + Row(name.ToUpperInvariant(), dui, "Pérez", "2017-03-01", ""));
        Assert.Equal(("completed", 1), (job.Text("state"), (int)job["accepted"]!));
        Assert.Equal([3], (await RejectedAsync(job)).Keys);
    }

    [Fact]
    public async Task What_a_file_brings_is_said_in_a_few_events_with_the_next_versions()
    {
        var association = await service.RegisterAssociationAsync(1);
        var file = new StringBuilder(Header);
        for (var i = 0; i < 1_200; i++)
            file.Append(Row(association.Seen.Text("name"), NewDui(), $"Ficticia {i}", "2017-02-01", ""));
        await ImportAsync(file.ToString());
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["3 500", "4 500", "5 200"],
            await service.RowsAsync($"SELECT version || ' ' || json_array_length(body -> 'members') FROM published_event WHERE subject = '{association.Id}' AND type LIKE '%MembersJoined' ORDER BY position"));
        Assert.Equal("5", (await association.LookAsync())["version"]!.ToString());
        Assert.Equal(0, await service.QueryAsync<long>("SELECT count(*) FROM published_event WHERE type LIKE '%MembersJoined' AND (public_type IS NOT NULL OR body::text ~ '\\d{8}-\\d')"));
    }

    [Fact]
    public async Task A_file_and_people_at_work_take_turns()
    {
        var association = await service.RegisterAssociationAsync(1);
        var file = new StringBuilder(Header);
        for (var i = 0; i < 3_000; i++)
            file.Append(Row(association.Seen.Text("name"), NewDui(), $"Turno {i}", "2017-02-01", ""));
        var importing = ImportAsync(file.ToString());
        var admitted = 0;
        while (!importing.IsCompleted)
        {
            await association.LookAsync();
            using var answer = await association.TryAsync(Roles.Promoter, "members", new { personId = await service.RegisterPersonAsync(), joinedOn = "2017-03-01" });
            Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.PreconditionFailed });
            admitted += answer.IsSuccessStatusCode ? 1 : 0;
        }
        Assert.Equal("completed", (await importing).Text("state"));
        Assert.Equal(3_001 + admitted, await service.QueryAsync<long>($"SELECT count(*) FROM association_member WHERE association_id = '{association.Id}'"));
        await service.EverythingSaidAsync();
        var versions = await service.RowsAsync($"SELECT version::text FROM published_event WHERE subject = '{association.Id}' ORDER BY published_event.version");
        Assert.Equal(Enumerable.Range(1, versions.Count).Select(i => $"{i}"), versions);
    }

    [Theory]
    [InlineData("dui,given_names\n90000001-7,Ana\n", "place_code, association")]
    [InlineData("esto no es un csv", "encabezado")]
    public async Task A_file_without_its_columns_is_refused_whole(string file, string reason)
    {
        var job = await ImportAsync(file);
        Assert.Equal("failed", job.Text("state"));
        Assert.Contains(reason, job.Text("failure"), StringComparison.OrdinalIgnoreCase);
    }

    private Task<List<string>> VersionsAsync() => service.RowsAsync("SELECT id || ' ' || version FROM association ORDER BY id");

    private static string Row(string association, string dui, string surnames, string joined, string left) =>
        $"99-01-01-01-01,{association},{dui},Ana,{surnames},1980-01-02,female,,{joined},{left}\n";

    private static string NewDui() => OrganizationsService.WithCheckDigit((90_000_000 + Interlocked.Increment(ref _people)).ToString(CultureInfo.InvariantCulture));

    private Task<JsonNode> ImportAsync(string csv) => service.ImportAsync("members", csv);

    private async Task<Dictionary<int, string>> RejectedAsync(JsonNode job)
    {
        using var answer = await service.GetAsync(Roles.Promoter, $"/members/imports/{job.Text("id")}/rejected");
        var lines = (await answer.Content.ReadAsStringAsync()).TrimStart('\uFEFF').Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines[1..].Select(l => l.Split(',', 2)).ToDictionary(p => int.Parse(p[0], CultureInfo.InvariantCulture), p => p[1]);
    }
}
