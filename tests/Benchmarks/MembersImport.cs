using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Benchmarks;

/// <summary>
/// A file of 100,000 members, from its upload to the job's end, against psql's \copy of the same rows: first as they end
/// up, into tables with the same columns, keys, constraints and indexes; and, for comparison, of the bare file into a
/// table without any.
/// </summary>
internal static class MembersImport
{
    private const int Associations = 200;
    private const int Rows = 100_000;
    private const int Rounds = 3;

    public static async Task<Measured> RunAsync()
    {
        var home = await Bench.NewHomeAsync();
        var port = Hosts.FreePort();
        using var service = await Hosts.StartAsync(Hosts.Dll("services/Organizations"), port, new Dictionary<string, string>
        {
            ["ConnectionStrings__organizationsdb"] = Servers.Postgres.ConnectionString(home),
            ["ConnectionStrings__messaging"] = Servers.Rabbit.AmqpUri(home),
        });
        var folder = Directory.CreateTempSubdirectory("members");
        try
        {
            await using var database = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString(home));
            using var client = OrganizationsData.Client(port);
            var place = await OrganizationsData.HamletAsync(client);
            for (var i = 0; i < Associations; i++)
                await OrganizationsData.RegisterAsync(client, place, i);

            var ours = new List<double>();
            var asTheyEndUp = new List<double>();
            var bare = new List<double>();
            for (var round = 0; round <= Rounds; round++)
            {
                var file = Path.Combine(folder.FullName, "members.csv");
                await File.WriteAllTextAsync(file, FileOf(round));
                var took = await Files.ImportAsync(client, "/v1/organizations/members/imports", file, Rows);
                await QuietAsync(database);
                var copied = await CopyTablesAsync(database, home, folder.FullName, round);
                var copiedBare = await CopyFileAsync(database, home, file);
                if (round == 0)
                    continue; // Warms up.
                ours.Add(took);
                asTheyEndUp.Add(copied);
                bare.Add(copiedBare);
            }
            var parts = new Dictionary<string, double>
            {
                ["importMs"] = Bench.Median(ours),
                ["copyMs"] = Bench.Median(asTheyEndUp),
                ["copyBareFileMs"] = Bench.Median(bare),
                ["bareFileRatio"] = Bench.Median(ours) / Bench.Median(bare),
            };
            return new(parts["importMs"] / parts["copyMs"], parts);
        }
        finally
        {
            service.Kill();
            folder.Delete(recursive: true);
        }
    }

    // What the import said goes out, and what it wrote is on disk, before the yardstick is measured.
    private static async Task QuietAsync(NpgsqlDataSource database)
    {
        await Eventually.TrueAsync(async () =>
        {
            await using var left = database.CreateCommand("SELECT count(*) FROM outbox");
            return (long)(await left.ExecuteScalarAsync())! == 0;
        }, 60);
        await using var checkpoint = database.CreateCommand("CHECKPOINT");
        await checkpoint.ExecuteNonQueryAsync();
    }

    /// <summary>The rows of this round's import, copied into twins of the three tables that already hold those of the rounds before.</summary>
    private static async Task<double> CopyTablesAsync(NpgsqlDataSource database, string home, string folder, int round)
    {
        string[] tables = ["person", "person_identity", "association_member"];
        if (round == 0)
        {
            await Files.ExecuteAsync(database, string.Join(";", tables.Select(t => $"CREATE TABLE twin_{t} (LIKE {t} INCLUDING ALL)")));
            await Files.ExecuteAsync(database,
                """
                ALTER TABLE twin_person ADD FOREIGN KEY (place_id) REFERENCES place, ADD FOREIGN KEY (responsible_person_id) REFERENCES twin_person, ADD FOREIGN KEY (merged_into_id) REFERENCES twin_person;
                ALTER TABLE twin_person_identity ADD FOREIGN KEY (person_id) REFERENCES twin_person;
                ALTER TABLE twin_association_member ADD FOREIGN KEY (person_id) REFERENCES twin_person_identity, ADD FOREIGN KEY (association_id) REFERENCES association
                """);
        }
        var columns = new Dictionary<string, string>
        {
            ["person"] = "id, version, given_names, surnames, birth_date, sex, place_id, created_at", ["person_identity"] = "person_id, dui, phone",
            ["association_member"] = "association_id, person_id, joined_on, left_on",
        };
        foreach (var table in tables)
        {
            var key = table == "person" ? "id" : "person_id";
            await Files.PsqlAsync(home, $"\\copy (SELECT {columns[table]} FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM twin_{table} w WHERE w.{key} = t.{key})) TO '{folder}/{table}.csv' CSV");
        }
        await QuietAsync(database);
        var started = Stopwatch.GetTimestamp();
        await Files.PsqlAsync(home, ["BEGIN", .. tables.Select(t => $"\\copy twin_{t} ({columns[t]}) FROM '{folder}/{t}.csv' CSV"), "COMMIT"]);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task<double> CopyFileAsync(NpgsqlDataSource database, string home, string file)
    {
        await Files.ExecuteAsync(database,
            """
            DROP TABLE IF EXISTS bare;
            CREATE TABLE bare (place_code text, association text, dui text, given_names text, surnames text, birth_date date, sex text, phone text, joined_on date, left_on date)
            """);
        await QuietAsync(database);
        var started = Stopwatch.GetTimestamp();
        await Files.PsqlAsync(home, $"\\copy bare FROM '{file}' CSV HEADER");
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static string FileOf(int round)
    {
        var file = new StringBuilder("place_code,association,dui,given_names,surnames,birth_date,sex,phone,joined_on,left_on\n");
        for (var i = 0; i < Rows; i++)
        {
            file.Append(CultureInfo.InvariantCulture,
                $"99-1-1,{OrganizationsData.NameOf(i % Associations)},{OrganizationsData.Dui(1_000_000 + round * Rows + i)},Marta Alicia,Prueba Ejemplo {i * 7919 % Rows},{1950 + i % 45}-0{1 + i % 9}-1{i % 9},{(i % 2 == 0 ? "female" : "male")},7{i % 1000:000}0000,2018-0{1 + i % 9}-01,\n");
        }
        return file.ToString();
    }
}

/// <summary>Made-up data for the benchmarks of Organizations.</summary>
internal static class OrganizationsData
{
    public static HttpClient Client(int port) => new()
    {
        BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Tokens.For("promoter")) },
    };

    public static string NameOf(int i) => $"Asociación Comunal Inventada {i:0000}";

    public static string Dui(int number)
    {
        var digits = (90_000_000 + number).ToString(CultureInfo.InvariantCulture);
        return $"{digits}-{(10 - digits.Select((d, i) => (d - '0') * (9 - i)).Sum() % 10) % 10}";
    }

    public static async Task<string> HamletAsync(HttpClient client)
    {
        using var file = new StringContent("code,kind,name,parent_code,valid_from\n99,department,Prueba,,1990-01-01\n99-1,canton,Uno,99,1990-01-01\n99-1-1,hamlet,El Ejemplo,99-1,1990-01-01\n", Encoding.UTF8, "text/csv");
        using var accepted = await client.PostAsync(new Uri("/v1/organizations/places/imports", UriKind.Relative), file);
        return await Eventually.GetAsync(async () =>
            (await client.GetFromJsonAsync<JsonNode>("/v1/organizations/places?code=99-1-1"))!["items"]!.AsArray() is [{ } hamlet] ? hamlet.Text("id") : null);
    }

    public static async Task RegisterAsync(HttpClient client, string place, int i)
    {
        using var answer = await client.PostAsJsonAsync("/v1/organizations/associations", new { name = NameOf(i), placeId = place, formedOn = "2017-01-10" });
        answer.EnsureSuccessStatusCode();
    }
}
