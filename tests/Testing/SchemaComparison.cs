using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ProyeccionSocial.Testing;

/// <summary>The EF model against the schema that the hand-written migrations made.</summary>
public static class SchemaComparison
{
    private const string Catalogue =
        """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        """;

    private const string Keys =
        """
        SELECT k.contype::text, c.relname, coalesce(f.relname, ''),
               ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (n, i)
                     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class f ON f.oid = k.confrelid
        WHERE k.connamespace = 'public'::regnamespace AND k.contype IN ('p', 'f')
        """;

    /// <summary>
    /// What differs, in words; empty when they agree: tables, columns, their types and nullability, primary keys, and
    /// the model's foreign keys.
    /// </summary>
    /// <param name="context">A context with the model.</param>
    /// <param name="database">Connection string of a migrated database.</param>
    /// <param name="unmapped">Tables and <c>table.column</c>s that only SQL uses. One that does not exist is a difference too.</param>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(DbContext context, string database, params string[] unmapped)
    {
        var (columns, keys) = await ReadAsync(database);
        var model = context.Model.GetRelationalModel().Tables.ToArray();
        var modelled = model.SelectMany(t => t.Columns.Select(c => (Name: $"{t.Name}.{c.Name}", Type: c.StoreType, Nullable: c.IsNullable))).ToArray();

        var differences = new List<string>();
        foreach (var column in modelled)
        {
            if (!columns.TryGetValue(column.Name, out var found))
                differences.Add($"{column.Name} is not in the database");
            else if (found != (column.Type, column.Nullable))
                differences.Add($"{column.Name} is {Describe(found)} in the database and {Describe((column.Type, column.Nullable))} in the model");
        }
        var known = modelled.Select(c => c.Name).ToHashSet();
        differences.AddRange(columns.Keys
            .Where(name => !known.Contains(name) && !unmapped.Contains(name) && !unmapped.Contains(TableOf(name)))
            .Select(name => $"{name} is not in the model"));
        differences.AddRange(unmapped
            .Where(name => !columns.Keys.Any(c => c == name || TableOf(c) == name)).Select(name => $"{name} is said to be unmapped and does not exist"));

        foreach (var table in model)
        {
            var primary = Key("p", table.Name, "", table.PrimaryKey?.Columns.Select(c => c.Name) ?? []);
            if (!keys.Contains(primary))
                differences.Add($"{primary} is not in the database");
            differences.AddRange(table.ForeignKeyConstraints
                .Select(k => Key("f", table.Name, k.PrincipalTable.Name, k.Columns.Select(c => c.Name)))
                .Where(key => !keys.Contains(key)).Select(key => $"{key} is not in the database"));
        }
        return differences;
    }

    private static async Task<(Dictionary<string, (string Type, bool Nullable)> Columns, HashSet<string> Keys)> ReadAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        var columns = new Dictionary<string, (string, bool)>();
        await using (var query = source.CreateCommand(Catalogue))
        await using (var reader = await query.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                columns[$"{reader.GetString(0)}.{reader.GetString(1)}"] = (reader.GetString(2), reader.GetBoolean(3));
        }
        var keys = new HashSet<string>();
        await using (var query = source.CreateCommand(Keys))
        await using (var reader = await query.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                keys.Add(Key(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<string[]>(3)));
        }
        return (columns, keys);
    }

    private static string Key(string kind, string table, string principal, IEnumerable<string> columns) =>
        $"{(kind == "p" ? "primary" : "foreign")} key {table} ({string.Join(", ", columns)}){(principal.Length > 0 ? " → " + principal : "")}";

    private static string TableOf(string column) => column[..column.IndexOf('.', StringComparison.Ordinal)];

    private static string Describe((string Type, bool Nullable) column) => $"{column.Type}{(column.Nullable ? " null" : " not null")}";
}
