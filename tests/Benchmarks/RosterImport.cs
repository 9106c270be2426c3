using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>
/// A roster of 500,000 rows, 1 in 100 of them bad and 1 in 200 twice, from its upload to the job's end, against psql's \copy
/// of the rows that end up into a table with the same columns, keys and indexes. Each round is a campaign of its own. The
/// memory is the most that the service's process ever had.
/// </summary>
internal static class RosterImport
{
    private const int Rows = 500_000;
    private const int Rounds = 3;
    private const string Columns = "id, campaign_id, dui, given_names, surnames, sex, birth_date, phone, hamlet_id, household, pregnant, disabled, packages, line, listed";

    public static async Task<Measured> RunAsync()
    {
        var home = await Bench.NewHomeAsync();
        var port = Hosts.FreePort();
        using var service = await Hosts.StartAsync(Hosts.Dll("services/AgriculturalDistribution"), port, new Dictionary<string, string>
        {
            ["ConnectionStrings__distributiondb"] = Servers.Postgres.ConnectionString(home),
            ["ConnectionStrings__messaging"] = Servers.Rabbit.AmqpUri(home),
        });
        var folder = Directory.CreateTempSubdirectory("roster");
        try
        {
            await using var database = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString(home));
            using var client = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")), Timeout = TimeSpan.FromMinutes(5) };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.For("unit-head"));
            var file = Path.Combine(folder.FullName, "roster.csv");
            var good = await WriteFileAsync(file);
            await Files.ExecuteAsync(database, "CREATE TABLE twin (LIKE beneficiary INCLUDING ALL)");
            var (ours, copied) = (new List<double>(), new List<double>());
            for (var round = 0; round <= Rounds; round++)
            {
                var campaign = await CampaignAsync(client, round);
                var took = await Files.ImportAsync(client, $"/v1/distribution/campaigns/{campaign}/roster/imports", file, good);
                await Files.PsqlAsync(home, $"\\copy (SELECT {Columns} FROM beneficiary WHERE campaign_id = '{campaign}' ORDER BY line) TO '{folder}/rows.csv' CSV");
                await Files.ExecuteAsync(database, "CHECKPOINT");
                var started = System.Diagnostics.Stopwatch.GetTimestamp();
                await Files.PsqlAsync(home, $"\\copy twin ({Columns}) FROM '{folder}/rows.csv' CSV");
                var yardstick = System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                await Files.ExecuteAsync(database, "CHECKPOINT");
                if (round == 0)
                    continue; // Warms up.
                ours.Add(took);
                copied.Add(yardstick);
            }
            var parts = new Dictionary<string, double>
            {
                ["importMs"] = Bench.Median(ours), ["copyMs"] = Bench.Median(copied), ["megabytes"] = PeakMegabytes(service.Id), ["fileMegabytes"] = new FileInfo(file).Length / 1_000_000.0,
            };
            return new(parts["importMs"] / parts["copyMs"], parts);
        }
        finally
        {
            service.Kill();
            folder.Delete(recursive: true);
        }
    }

    private static double PeakMegabytes(int pid) =>
        double.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    private static async Task<int> WriteFileAsync(string file)
    {
        await using var to = new StreamWriter(file);
        await to.WriteAsync("dui,nombres,apellidos,fecha de nacimiento,sexo,distrito,canton,caserio,paquetes,telefono,hogar,embarazada,discapacidad\n");
        var good = 0;
        for (var i = 0; i < Rows; i++)
        {
            var (isBad, isTwice) = (i % 100 == 99, i % 200 == 150);
            var dui = isBad ? "123" : OrganizationsData.Dui(isTwice ? i - 1 : i);
            good += isBad || isTwice ? 0 : 1;
            await to.WriteAsync(string.Create(CultureInfo.InvariantCulture,
                $"{dui},Marta Alicia,Prueba Ejemplo {i * 7919 % Rows},{1950 + i % 45}-0{1 + i % 9}-1{i % 9},{(i % 2 == 0 ? "F" : "M")},San Ensayo {i % 5},Cantón {i % 60},Caserío {i % 600},{(i % 3 == 0 ? "maiz/frijol" : "maiz")},7{i % 1000:000}0000,H-{i / 4},{(i % 50 == 0 ? "sí" : "")},\n"));
        }
        return good;
    }

    private static async Task<string> CampaignAsync(HttpClient client, int round)
    {
        static object Component(int article, decimal quantity) => new { article, quantity };
        using var answer = await client.PostAsJsonAsync("/v1/distribution/campaigns", new
        {
            name = $"Campaña {round}", owner = "ministry", ownerName = "Ministerio", season = "Mayo", firstDay = "2027-04-15", lastDay = "2027-06-30", rules = new { },
            articles = new[] { new { name = "Semilla", unit = "lb" }, new { name = "Fertilizante", unit = "lb" } },
            packages = new[] { new { code = "maiz", name = "Maíz", components = new[] { Component(1, 22), Component(2, 100) } }, new { code = "frijol", name = "Frijol", components = new[] { Component(1, 25) } } },
            centres = new[] { new { name = "Centro", place = new { id = Guid.NewGuid(), kind = "hamlet", name = "El Ensayo", path = "El Ensayo, San Ensayo" } } },
        });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!.Text("id");
    }
}
