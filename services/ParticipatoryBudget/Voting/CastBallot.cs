using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.People;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.ParticipatoryBudget.Voting;

/// <summary>
/// A ballot is made where its voter is and handed in whole: nothing of an unfinished one is kept, and what is handed in
/// counts once or not at all. Plain SQL, because an evening's assembly brings its ballots all at once: two round trips.
/// </summary>
internal static class CastBallot
{
    public static void MapCastBallot(this IEndpointRouteBuilder cycles)
    {
        cycles.MapPost("/{id:guid}/ballot-checks", CheckAsync).WithName("CheckBallot").Allow("budget.read", ReadCycles.Readers)
            .WithSummary("Comprobar una papeleta antes de entregarla: cuánto cuesta lo marcado y qué falta o sobra. Nada se guarda");
        cycles.MapPost("/{id:guid}/ballots", IndividualAsync).WithName("CastBallot").Allow("budget.vote", Roles.Resident)
            .WithSummary("Entregar su papeleta: cada persona una vez, por cualquier medio")
            .WithDescription("Con una cuenta que lleve el DUI verificado. attempt es un número de la aplicación (UUID): repetida la misma entrega, contesta el mismo comprobante. Vacía, la papeleta cuenta como voto en blanco.");
        cycles.MapPost("/{id:guid}/polling-places/{number:int}/ballots", InPersonAsync).WithName("CastBallotInPerson").Allow("budget.write", Roles.Promoter, Roles.UnitHead)
            .WithSummary("Anotar una papeleta entregada en una asamblea o una mesa, con el DUI de quien vota, que no se guarda");
    }

    /// <param name="Zone">In which it is cast: one in the whole cycle.</param>
    /// <param name="Marks">In order of preference on a ranked ballot; none for a blank one.</param>
    /// <param name="Attempt">The same for every repetition of the same delivery.</param>
    internal sealed record IndividualBallot([Between(1, 100)] int Zone, [Count(0, 100)] IReadOnlyList<MarkContent> Marks, Guid Attempt)
    {
        public static IndividualBallot Example => new(1, [MarkContent.Example], Examples.Id);
    }

    /// <param name="Dui">Of whoever votes, as the document says.</param>
    /// <param name="Marks">In order of preference on a ranked ballot; none for a blank one.</param>
    /// <param name="Attempt">The same for every repetition of the same delivery.</param>
    internal sealed record BallotInPerson([property: System.Text.Json.Serialization.JsonRequired][Dui] string Dui, [Count(0, 100)] IReadOnlyList<MarkContent> Marks, Guid Attempt)
    {
        public static BallotInPerson Example => new("90000001-5", [MarkContent.Example], Examples.Id);
    }

    /// <param name="Zone">Of the cycle.</param>
    /// <param name="Marks">To be checked.</param>
    internal sealed record BallotToCheck([Between(1, 100)] int Zone, [Count(0, 100)] IReadOnlyList<MarkContent> Marks)
    {
        public static BallotToCheck Example => new(1, [MarkContent.Example]);
    }

    internal sealed record CheckView(decimal Cost, decimal Money, int? MarksLeft, int? PointsLeft)
    {
        public static CheckView Example => new(23_500, 30_000, 2, null);
    }

    /// <param name="Code">Says that its bearer took part, and nothing of what they voted.</param>
    /// <param name="Zone">In which.</param>
    internal sealed record ReceiptView(string Code, int Zone)
    {
        public static ReceiptView Example => new("7k3mq9xw2h4p", 1);
    }

    private static async Task<Results<Ok<CheckView>, ProblemHttpResult>> CheckAsync(Guid id, BallotToCheck request, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await FrameAsync(connection, id, request.Zone, null, time, cancellation) is not { } frame)
            return Problems.NotFound();
        if (frame.Closed is { } closed)
            throw closed;
        BallotContent.Read(request.Marks, frame.Rules, frame.Money, frame.Costs);
        return TypedResults.Ok(new CheckView(
            request.Marks.Sum(m => frame.Costs[m.Candidate]), frame.Money, frame.Rules.MostMarks - request.Marks.Count,
            frame.Rules.Points is { } points ? points - request.Marks.Sum(m => m.Points ?? 0) : null));
    }

    private static Task<Results<Created<ReceiptView>, ProblemHttpResult>> IndividualAsync(
        Guid id, IndividualBallot request, NpgsqlDataSource database, HttpContext http, TimeProvider time, CancellationToken cancellation) =>
        CastAsync(database, id, request.Zone, null, PersonKey.DuiOf(http.User), request.Marks, request.Attempt, time, cancellation);

    private static Task<Results<Created<ReceiptView>, ProblemHttpResult>> InPersonAsync(
        Guid id, int number, BallotInPerson request, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation) =>
        CastAsync(database, id, null, number, request.Dui, request.Marks, request.Attempt, time, cancellation);

    private static async Task<Results<Created<ReceiptView>, ProblemHttpResult>> CastAsync(
        NpgsqlDataSource database, Guid cycle, int? zone, int? pollingPlace, string dui, IReadOnlyList<MarkContent> marks, Guid attempt, TimeProvider time, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await FrameAsync(connection, cycle, zone, pollingPlace, time, cancellation) is not { } frame)
            return Problems.NotFound();
        if (frame.Closed is { } closed)
        {
            // Whoever sends again what is in already, because no answer came, gets the receipt also after the closing.
            return frame.Key is not null && await SameDeliveryAsync(connection, cycle, PersonKey.Of(frame.Key, dui), attempt, cancellation) is { } delivered ? Receipt(delivered) : throw closed;
        }
        var (candidates, points) = BallotContent.Read(marks, frame.Rules, frame.Money, frame.Costs);
        var person = PersonKey.Of(frame.Key!, dui);
        var (ballot, receipt) = (Guid.NewGuid(), Codes.New(12)); // Random: an id that grows with time would tell when it was cast.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // No error for who has voted: the server's log would say whose key it was, and when.
                new("INSERT INTO voter (cycle_id, person_key, zone, attempt, receipt) VALUES ($1, $2, $3, $4, $5) ON CONFLICT ON CONSTRAINT voter_once DO NOTHING")
                {
                    Parameters = { P(cycle), P(person), P(frame.Zone), P(attempt), P(receipt) },
                },
                new("INSERT INTO ballot (id, cycle_id, zone, polling_place) VALUES ($1, $2, $3, $4)") { Parameters = { P(ballot), P(cycle), P(frame.Zone), Nullable(pollingPlace) } },
                new("INSERT INTO ballot_mark (ballot_id, cycle_id, zone, candidate, points) SELECT $1, $2, $3, m.candidate, m.points FROM unnest($4, $5) AS m (candidate, points)")
                {
                    Parameters = { P(ballot), P(cycle), P(frame.Zone), P(candidates), P(points) },
                },
            },
        };
        await batch.PrepareAsync(cancellation);
        await batch.ExecuteNonQueryAsync(cancellation);
        if (batch.BatchCommands[0].RecordsAffected == 0)
        {
            await transaction.RollbackAsync(cancellation); // And the ballot with it.
            return await SameDeliveryAsync(connection, cycle, person, attempt, cancellation) is { } again
                ? Receipt(again)
                : Problems.Of(409, "already_voted", "Esa persona ya votó en este ciclo: cada quien vota una vez, en línea o en persona.");
        }
        await transaction.CommitAsync(cancellation);
        return Receipt(new(receipt, frame.Zone));

        static Created<ReceiptView> Receipt(ReceiptView receipt) => TypedResults.Created($"/v1/budget/public/receipts/{receipt.Code}", receipt);
    }

    // Closed says why nobody votes here now; null when they do.
    private sealed record Frame(RuleViolationException? Closed, CycleRules Rules, byte[]? Key, int Zone, decimal Money, IReadOnlyDictionary<int, decimal> Costs);

    /// <summary>
    /// What a ballot is held to; null when there is no such cycle or place. The cycle is locked against a change of its rules
    /// until the ballot is in, and against nothing else.
    /// </summary>
    private static async Task<Frame?> FrameAsync(NpgsqlConnection connection, Guid cycle, int? zone, int? pollingPlace, TimeProvider time, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // In a statement of its own: the next one sees what whoever it waited for has done.
                new("SELECT 1 FROM budget_cycle WHERE id = $1 FOR KEY SHARE") { Parameters = { P(cycle) } },
                new(
                    """
                    SELECT c.rules, k.key, v.first_day, v.last_day, c.ballot_published_at IS NOT NULL, z.number, z.amount, pp.kind, pp.closed_at IS NOT NULL
                    FROM budget_cycle c JOIN cycle_phase v ON v.cycle_id = c.id AND v.phase = 'voting' LEFT JOIN cycle_key k ON k.cycle_id = c.id
                    LEFT JOIN polling_place pp ON pp.cycle_id = c.id AND pp.number = $3 LEFT JOIN cycle_zone z ON z.cycle_id = c.id AND z.number = coalesce(pp.zone, $2)
                    WHERE c.id = $1 AND c.state <> 'draft'
                    """) { Parameters = { P(cycle), Nullable(zone), Nullable(pollingPlace) } },
                new("SELECT number, cost FROM candidate WHERE cycle_id = $1 AND zone = coalesce((SELECT zone FROM polling_place WHERE cycle_id = $1 AND number = $3), $2)")
                {
                    Parameters = { P(cycle), Nullable(zone), Nullable(pollingPlace) },
                },
            },
        };
        await batch.PrepareAsync(cancellation);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        if (!await reader.ReadAsync(cancellation) || (pollingPlace is not null && reader.IsDBNull(7)))
            return null;
        var (first, last, today) = (reader.GetFieldValue<DateOnly>(2), reader.GetFieldValue<DateOnly>(3), time.Today());
        Rule.That(!reader.IsDBNull(5), "unknown_zone", "El ciclo no tiene una zona con ese número.", "/zone");
        var closed =
            today < first || today > last || reader.IsDBNull(1) ? new RuleViolationException(409, "wrong_phase", $"Se vota del {first.Day()} al {last.Day()}.")
            : !reader.GetBoolean(4) ? new RuleViolationException(409, "ballot_not_published", "La papeleta todavía no se publica.")
            : pollingPlace is not null && reader.GetBoolean(8) ? new RuleViolationException(409, "polling_place_closed", "Esa mesa ya se cerró.")
            : null;
        var rules = JsonSerializer.Deserialize<CycleRules>(reader.GetString(0), EventJson.Options)!;
        var key = reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1);
        var (number, money) = (reader.GetInt32(5), reader.GetDecimal(6));
        await reader.NextResultAsync(cancellation);
        var costs = new Dictionary<int, decimal>();
        while (await reader.ReadAsync(cancellation))
            costs.Add(reader.GetInt32(0), reader.GetDecimal(1));
        return new(closed, rules, key, number, money, costs);
    }

    private static async Task<ReceiptView?> SameDeliveryAsync(NpgsqlConnection connection, Guid cycle, byte[] person, Guid attempt, CancellationToken cancellation)
    {
        await using var query = new NpgsqlCommand("SELECT receipt, zone FROM voter WHERE cycle_id = $1 AND person_key = $2 AND attempt = $3", connection) { Parameters = { P(cycle), P(person), P(attempt) } };
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new(reader.GetString(0), reader.GetInt32(1)) : null;
    }

    private static NpgsqlParameter<T> P<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter Nullable(int? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer };
}
