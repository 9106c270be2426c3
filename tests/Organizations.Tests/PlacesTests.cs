using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ProyeccionSocial.Papers;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class PlacesTests(OrganizationsService service) : IClassFixture<OrganizationsService>
{
    private const string Header = "code,kind,name,parent_code,valid_from,valid_to\n";

    [Fact]
    public async Task A_child_may_stand_before_its_parent()
    {
        var job = await service.ImportPlacesAsync(Header +
            """
            Z10-01-01-01,hamlet,Caserío El Revés,Z10-01-01,2000-01-01,
            Z10-01-01,canton,Cantón El Revés,Z10-01,2000-01-01,
            Z10-01,municipality,El Revés,Z10,2000-01-01,
            Z10,department,Departamento del Revés,,2000-01-01,
            """);
        Assert.Equal("completed", job.Text("state"));
        Assert.Equal((4, 4, 0), ((int)job["total"]!, (int)job["accepted"]!, (int)job["rejected"]!));
        Assert.Equal(
            "Caserío El Revés, Cantón El Revés, El Revés, Departamento del Revés",
            await service.QueryAsync<string>("SELECT path FROM place WHERE code = 'Z10-01-01-01'"));
    }

    [Fact]
    public async Task Rows_that_are_not_taken_come_back_with_their_line_and_reason()
    {
        var job = await service.ImportPlacesAsync(Header +
            """
            Z20,department,Departamento Veinte,,2000-01-01,
            Z20,department,Otra vez,,2000-01-01,
            Z20-01,municipality,Sin Padre,77,2000-01-01,
            Z20-02,aldea,Tipo Raro,Z20,2000-01-01,
            Z20-03,municipality,,Z20,2000-01-01,
            Z20-04,municipality,Fecha Rara,Z20,2000-13-01,
            Z20-05,municipality,Al Revés,Z20,2000-01-01,1999-01-01
            Z20-06,municipality,Sin Superior,,2000-01-01,
            Z20-07,municipality,Sí Misma,Z20-07,2000-01-01,
            ,municipality,Sin Código,Z20,2000-01-01,
            Z20-08,municipality,Buena,Z20,2000-01-01,2024-04-30
            """);
        Assert.Equal(("completed", 11, 2, 9), (job.Text("state"), (int)job["total"]!, (int)job["accepted"]!, (int)job["rejected"]!));
        var rejected = (await service.RejectedRowsAsync(job)).TrimStart('\uFEFF').Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal("linea,motivo,fila", rejected[0]);
        Assert.Equal(
            ["3", "4", "5", "6", "7", "8", "9", "10", "11"], rejected[1..].Select(r => r.Split(',')[0]));
        Assert.Contains(rejected, r => r.StartsWith("3,", StringComparison.Ordinal) && r.Contains("ya apareció", StringComparison.Ordinal));
        Assert.Contains(rejected, r => r.StartsWith("4,", StringComparison.Ordinal) && r.Contains("No existe el lugar superior con código 77", StringComparison.Ordinal));
        Assert.Contains(rejected, r => r.StartsWith("7,", StringComparison.Ordinal) && r.Contains("valid_from", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("latin1", ',')]
    [InlineData("latin1", ';')]
    [InlineData("utf-8", ';')]
    [InlineData("utf-8", '\t')]
    public async Task A_file_is_read_as_a_spreadsheet_saves_it(string encoding, char delimiter)
    {
        var code = OrganizationsService.NewName("3").Replace(' ', '-');
        var job = await service.ImportPlacesAsync(
            (Header + $"{code},department,Peñón Ñandú de Ahuachapán,,2000-01-01,\n").Replace(',', delimiter), Encoding.GetEncoding(encoding));
        Assert.Equal(("completed", 1), (job.Text("state"), (int)job["accepted"]!));
        Assert.Equal("Peñón Ñandú de Ahuachapán", await service.QueryAsync<string>($"SELECT name FROM place WHERE code = '{code}'"));
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing()
    {
        const string File = Header + "Z40,department,Cuarenta,,2000-01-01,\nZ40-01,municipality,Uno,Z40,2000-01-01,2024-04-30\n";
        await service.ImportPlacesAsync(File);
        var before = await service.RowsAsync("SELECT place::text || xmin::text FROM place WHERE code LIKE 'Z40%' ORDER BY code");
        var again = await service.ImportPlacesAsync(File);
        Assert.Equal(("completed", 2, 0), (again.Text("state"), (int)again["accepted"]!, (int)again["rejected"]!));
        Assert.Equal(before, await service.RowsAsync("SELECT place::text || xmin::text FROM place WHERE code LIKE 'Z40%' ORDER BY code"));
    }

    [Fact]
    public async Task A_new_name_of_a_place_shows_in_the_path_of_all_that_lie_below()
    {
        await service.ImportPlacesAsync(Header + "Z50,department,Viejo,,2000-01-01,\nZ50-01,municipality,Uno,Z50,2000-01-01,\nZ50-01-01,canton,Dos,Z50-01,2000-01-01,\n");
        await service.ImportPlacesAsync(Header + "Z50,department,Nuevo,,2000-01-01,\n");
        Assert.Equal(
            ["Nuevo", "Uno, Nuevo", "Dos, Uno, Nuevo"], await service.RowsAsync("SELECT path FROM place WHERE code LIKE 'Z50%' ORDER BY code"));
    }

    [Fact]
    public async Task A_place_does_not_come_to_lie_below_itself()
    {
        await service.ImportPlacesAsync(Header + "Z55,department,Raíz,,2000-01-01,\nZ55-01,canton,Arriba,Z55,2000-01-01,\nZ55-01-01,hamlet,Abajo,Z55-01,2000-01-01,\n");
        var job = await service.ImportPlacesAsync(Header + "Z55-01,canton,Arriba,Z55-01-01,2000-01-01,\n");
        Assert.Equal("failed", job.Text("state"));
        Assert.Contains("por debajo de sí mismo", job.Text("failure"), StringComparison.Ordinal);
        Assert.Equal("Abajo, Arriba, Raíz", await service.QueryAsync<string>("SELECT path FROM place WHERE code = 'Z55-01-01'"));
    }

    [Theory]
    [InlineData("code,kind,name\n1,department,X\n", "parent_code, valid_from")]
    [InlineData("\n\n\n", "encabezado")]
    [InlineData("esto no es un csv", "encabezado")]
    [InlineData("code,kind,name,parent_code,valid_from\nZ62,department,Gemelo,,2000-01-01\nZ62-1,canton,Igual,Z62,2000-01-01\nZ62-2,canton,Igual,Z62,2000-01-01\n", "mismo nombre")]
    public async Task A_file_that_cannot_be_taken_fails_with_its_reason_and_leaves_nothing(string file, string reason)
    {
        var before = await service.QueryAsync<long>("SELECT count(*) FROM place");
        var job = await service.ImportPlacesAsync(file);
        Assert.Equal("failed", job.Text("state"));
        Assert.Contains(reason, job.Text("failure"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, await service.QueryAsync<long>("SELECT count(*) FROM place"));
        Assert.Equal(0, await service.QueryAsync<long>($"SELECT count(*) FROM import_job WHERE id = '{job.Text("id")}' AND EXISTS (SELECT 1 FROM import_part WHERE job_id = import_job.id)"));
    }

    [Fact]
    public async Task A_quote_that_is_not_closed_costs_only_its_line()
    {
        var job = await service.ImportPlacesAsync(Header + "Z60,department,\"sin cerrar\nZ61,department,Con Comillas \"\"Buenas\"\",,2000-01-01,\nZ62,department,Buena,,2000-01-01,\n");
        Assert.Equal("completed", job.Text("state"));
        Assert.Equal(1, await service.QueryAsync<long>("SELECT count(*) FROM place WHERE code = 'Z62'"));
        Assert.Equal(0, await service.QueryAsync<long>("SELECT count(*) FROM place WHERE code = 'Z60'"));
    }

    [Fact]
    public void No_file_makes_the_reader_throw_what_the_worker_does_not_expect() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<string>(), (bytes, text) =>
        {
            IsReadOrRefused(bytes);
            IsReadOrRefused([.. Encoding.UTF8.GetBytes(Header), .. bytes]);
            IsReadOrRefused(Encoding.UTF8.GetBytes(Header + "1,department," + text + "\n" + text + ",,\"" + text));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task The_list_shows_what_was_in_force_on_the_date()
    {
        await service.ImportPlacesAsync(Header + "Z70,department,Setenta,,2000-01-01,\nZ70-01,municipality,Antiguo,Z70,2000-01-01,2024-04-30\nZ70-02,municipality,Nuevo,Z70,2024-05-01,\n");
        var parent = await service.PlaceAsync("Z70");
        Assert.Equal(["Antiguo"], await NamesAsync($"parentId={parent}&on=2024-04-30"));
        Assert.Equal(["Nuevo"], await NamesAsync($"parentId={parent}&on=2024-05-01"));
        Assert.Equal(["Nuevo"], await NamesAsync($"parentId={parent}&kind=municipality"));
        Assert.Empty(await NamesAsync($"parentId={parent}&kind=hamlet"));
        Assert.Empty(await NamesAsync($"parentId={parent}&on=1999-12-31"));
    }

    [Fact]
    public async Task Pages_give_every_place_once()
    {
        await service.ImportPlacesAsync(Header + "Z80,department,Ochenta,,2000-01-01,\n" + string.Concat(Enumerable.Range(1, 25).Select(i => $"Z80-{i},municipality,Municipio {i},Z80,2000-01-01,\n")));
        var parent = await service.PlaceAsync("Z80");
        var names = new List<string>();
        string? after = null;
        do
        {
            var page = await service.GetAsync(null, $"/places?parentId={parent}&limit=10{(after is null ? "" : "&after=" + after)}").JsonAsync();
            Assert.True(page["items"]!.AsArray().Count <= 10);
            names.AddRange(page["items"]!.AsArray().Select(i => i!.Text("name")));
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);
        Assert.Equal(25, names.Count);
        Assert.Equal(25, names.Distinct().Count());
    }

    [Fact]
    public async Task An_import_that_does_not_exist_is_404()
    {
        await service.GetAsync(Roles.Promoter, $"/places/imports/{Guid.CreateVersion7()}").ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await service.GetAsync(Roles.Promoter, $"/places/imports/{Guid.CreateVersion7()}/rejected").ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task The_same_key_starts_one_job()
    {
        var key = Guid.NewGuid().ToString();
        using var first = await service.SendPlacesAsync("no es"u8.ToArray(), key);
        using var second = await service.SendPlacesAsync("no es"u8.ToArray(), key);
        Assert.Equal((HttpStatusCode.Accepted, first.Headers.Location), (second.StatusCode, second.Headers.Location));
        await service.SendPlacesAsync("otro"u8.ToArray(), key).ProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task Both_divisions_of_the_country_are_there_from_the_start()
    {
        const string Count = "SELECT count(*) FROM place_version v JOIN place p ON p.id = v.place_id WHERE p.code ~ '^(0[1-9]|1[0-4])' AND v.kind = '{0}' AND daterange(v.valid_from, v.valid_to, '[]') @> date '{1}'";
        Assert.Equal(14, await CountAsync("department", "2024-05-01"));
        Assert.Equal((262, 0), (await CountAsync("municipality", "2024-04-30"), await CountAsync("district", "2024-04-30")));
        Assert.Equal((44, 262), (await CountAsync("municipality", "2024-05-01"), await CountAsync("district", "2024-05-01")));
        Assert.Equal(["San Salvador, San Salvador"], await PathsAsync("code=06-14&on=2024-04-30"));
        Assert.Equal(["San Salvador, San Salvador Centro, San Salvador"], await PathsAsync("code=06-14&on=2024-05-01"));

        Task<long> CountAsync(string kind, string on) => service.QueryAsync<long>(string.Format(System.Globalization.CultureInfo.InvariantCulture, Count, kind, on));
    }

    [Fact]
    public async Task What_lies_below_a_place_moves_with_it_and_its_path_is_that_of_the_day()
    {
        await service.ImportPlacesAsync(Header +
            """
            Z90,department,Noventa,,2000-01-01,
            Z90-norte,municipality,Noventa Norte,Z90,2024-05-01,
            Z90-01,municipality,Pueblo,Z90,2000-01-01,2024-04-30
            Z90-01,district,Pueblo,Z90-norte,2024-05-01,
            Z90-01-01,canton,Cantón,Z90-01,2000-01-01,
            """);
        Assert.Equal(["Cantón, Pueblo, Noventa"], await PathsAsync("code=Z90-01-01&on=2024-04-30"));
        Assert.Equal(["Cantón, Pueblo, Noventa Norte, Noventa"], await PathsAsync("code=Z90-01-01&on=2024-05-01"));
        var overlapping = await service.ImportPlacesAsync(Header + "Z90-01,district,Pueblo,Z90-norte,2024-01-01,\n");
        Assert.Contains("chocan", overlapping.Text("failure"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_exported_can_be_imported_and_changes_nothing()
    {
        await service.ImportPlacesAsync(Header + "Z91,department,\"Con, coma y \"\"comillas\"\"\",,2000-01-01,\nZ91-01,canton,=Fórmula,Z91,2000-01-01,2020-12-31\nZ91-01,barrio,=Fórmula,Z91,2021-01-01,\n");
        var before = await service.RowsAsync("SELECT v::text || v.xmin::text FROM place_version v ORDER BY 1");
        using var answer = await service.GetAsync(null, "/places/export");
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        var file = await answer.Content.ReadAsStringAsync();
        Assert.Contains("Z91-01,barrio,", file, StringComparison.Ordinal);
        var job = await service.ImportPlacesAsync(file);
        Assert.Equal(("completed", 0), (job.Text("state"), (int)job["rejected"]!));
        Assert.Equal(before, await service.RowsAsync("SELECT v::text || v.xmin::text FROM place_version v ORDER BY 1"));
    }

    [Fact]
    public async Task A_place_is_found_by_the_beginning_of_a_word_without_accents_and_told_apart_by_what_it_lies_in()
    {
        await service.ImportPlacesAsync(Header + "Z92,department,Depto Búsqueda,,2000-01-01,\nZ92-1,canton,Uno,Z92,2000-01-01,\nZ92-2,canton,Dos,Z92,2000-01-01,\nZ92-1-1,hamlet,El Ñámpiro,Z92-1,2000-01-01,\nZ92-2-1,hamlet,El Ñámpiro,Z92-2,2000-01-01,\n");
        Assert.Equal(["El Ñámpiro, Dos, Depto Búsqueda", "El Ñámpiro, Uno, Depto Búsqueda"], (await PathsAsync("search=nampi")).Order(StringComparer.Ordinal));
        Assert.Equal(2, (await PathsAsync("search=EL%20%C3%91AMP")).Length);
        Assert.Empty(await PathsAsync("search=ampiro"));
        Assert.Empty(await PathsAsync("search=nampi%25"));
    }

    private async Task<string[]> PathsAsync(string query) =>
        [.. (await service.GetAsync(null, "/places?" + query).JsonAsync())["items"]!.AsArray().Select(i => i!.Text("path"))];

    private async Task<string[]> NamesAsync(string query) =>
        [.. (await service.GetAsync(null, "/places?" + query).JsonAsync())["items"]!.AsArray().Select(i => i!.Text("name"))];

    private static void IsReadOrRefused(byte[] content)
    {
        try
        {
            using var csv = CsvRows.Open(content, ["code", "kind"]);
            while (csv.Read())
                _ = csv[0] + csv[1];
        }
        catch (Exception refused) when (refused is FormatException or CsvHelper.CsvFormatException)
        {
        }
    }

    [Fact]
    public async Task A_place_is_put_on_the_map_within_the_country_and_everybody_hears_of_it()
    {
        await service.ImportPlacesAsync(Header + "Z71,department,Departamento del Mapa,,2000-01-01,\nZ71-01,municipality,El Mapa,Z71,2000-01-01,");
        var id = await service.QueryAsync<Guid>("SELECT id FROM place WHERE code = 'Z71-01'");
        Task<HttpResponseMessage> LocateAsync(decimal latitude, decimal longitude, string? ifMatch = null) =>
            service.PutAsync(Roles.Promoter, $"/places/{id}/location", new { latitude, longitude }, ifMatch);
        await LocateAsync(40, -3.7m).ProblemAsync(HttpStatusCode.UnprocessableEntity, "latitude_outside");
        await LocateAsync(13.7m, -3.7m).ProblemAsync(HttpStatusCode.UnprocessableEntity, "longitude_outside");
        await LocateAsync(13.70001m, -89.2m).ProblemAsync(HttpStatusCode.UnprocessableEntity, "latitude_outside");
        await service.PutAsync(Roles.Promoter, $"/places/{Guid.CreateVersion7()}/location", new { latitude = 13.7, longitude = -89.2 }, null).ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await LocateAsync(13.7m, -89.2m).JsonAsync();
        await LocateAsync(13.8m, -89.2m).ProblemAsync((HttpStatusCode)428, "precondition_required");
        await LocateAsync(13.8m, -89.2m, "\"7\"").ProblemAsync(HttpStatusCode.PreconditionFailed, "stale");
        await LocateAsync(13.8m, -89.2m, "\"1\"").JsonAsync();
        await service.EverythingSaidAsync();
        Assert.Equal(
            ["El Mapa 13.7 -89.2 1", "El Mapa 13.8 -89.2 2"],
            await service.RowsAsync($"SELECT concat_ws(' ', body #>> '{{place,name}}', body ->> 'latitude', body ->> 'longitude', version) FROM published_event WHERE subject = '{id}' ORDER BY position"));
    }
}
