using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Stock;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.AgriculturalDistribution.Deliveries;

/// <summary>Something that happened at a counter.</summary>
/// <param name="Receipt">Its id, made by whoever wrote it down.</param>
/// <param name="Campaign">Of the package.</param>
/// <param name="Centre">Its number.</param>
/// <param name="Who">By which of them the person is known here: id, DUI or the code of their summons.</param>
/// <param name="Package">Its number.</param>
/// <param name="Kind">Whether it is a replacement.</param>
/// <param name="Act">What happened.</param>
/// <param name="Items">What was handed over; a lot of 0 is any that has it. Empty for all that is due.</param>
/// <param name="Evidence">The mark of whoever collected.</param>
/// <param name="Deputy">Who collected for the person.</param>
/// <param name="HandedAt">When.</param>
/// <param name="RecordedBy">Subject of whoever wrote it down.</param>
/// <param name="Doubt">What somebody has to look at, whatever else is right.</param>
/// <param name="List">The list by which it was handed over without a signal; null at a counter.</param>
internal sealed record CounterAct(
    Guid Receipt, Guid Campaign, int Centre, PersonReference Who, int Package, DeliveryKind Kind, Act Act, IReadOnlyList<CounterItem> Items, EvidenceContent? Evidence, DeputyContent? Deputy,
    DateTimeOffset HandedAt, string RecordedBy, Review? Doubt = null, Guid? List = null);

internal sealed record CounterItem(int Article, int Lot, decimal? Quantity);

/// <summary>By what a person is known at a counter.</summary>
internal readonly record struct PersonReference(Guid? Id, string? Dui, Guid? Code)
{
    /// <summary>The DUI that they show, or the code of the summons that they bring.</summary>
    public static PersonReference Of(string? dui, Guid? code)
    {
        Rule.That((dui is null) != (code is null), "person", "Indique el DUI de la persona o el código de su convocatoria.", "/dui");
        return new(null, ServiceDefaults.Http.Dui.Parse(dui), code);
    }
}

/// <summary>
/// What happens at a counter becomes a receipt, lines of the ledger and a new state of what the person gets, in one
/// transaction. Plain SQL, because a morning's queue comes all at once: two round trips and the commit. At the counter a rule
/// says no before anything is handed over. What comes from a device has been handed over long ago: then the same rule
/// does not say no, and somebody looks at the receipt.
/// </summary>
internal sealed class Counter(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>Writes down what happens now.</summary>
    /// <param name="act">What is about to be handed over.</param>
    /// <param name="mayAnywhere">Whether whoever writes may do so at a centre where they do not work.</param>
    /// <param name="cancellation">Of the request.</param>
    /// <returns>The receipt, and whether it is new; null when there is no such campaign or centre.</returns>
    public Task<(ReceiptView View, bool IsNew)?> HandOverAsync(CounterAct act, bool mayAnywhere, CancellationToken cancellation) => RecordAsync(act, mayAnywhere, null, cancellation);

    /// <summary>Writes down what happened without a signal. Nobody is told no: what does not fit is under review.</summary>
    /// <param name="act">What was handed over.</param>
    /// <param name="entry">Keeps the journal's entry, in the same transaction.</param>
    /// <param name="cancellation">Of the request.</param>
    public async Task<ReceiptView?> WriteDownAsync(CounterAct act, Func<NpgsqlBatchCommand> entry, CancellationToken cancellation) => (await RecordAsync(act, mayAnywhere: true, entry, cancellation))?.View;

    private async Task<(ReceiptView View, bool IsNew)?> RecordAsync(CounterAct act, bool mayAnywhere, Func<NpgsqlBatchCommand>? entry, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryRecordAsync(act, mayAnywhere, entry, cancellation);
            }
            // Others took the last of a lot at this moment: another lot may have it, and if none does the next look says so.
            catch (PostgresException race) when (attempt < 5 && (race.ConstraintName == "stock_not_negative" || race.SqlState == PostgresErrorCodes.DeadlockDetected))
            {
            }
        }
    }

    private async Task<(ReceiptView View, bool IsNew)?> TryRecordAsync(CounterAct act, bool mayAnywhere, Func<NpgsqlBatchCommand>? entry, CancellationToken cancellation)
    {
        var isPast = entry is not null;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await LookAsync(connection, act, isPast, cancellation) is not { } seen)
            return null;
        if (seen.Again is { } again)
        {
            // A journal's entry that came before is found by its digest: here it is another one that took the same number.
            Rule.That(again && !isPast, "receipt_differs", "Ya hay otro comprobante con ese identificador.", "/receipt");
            var same = await ReadAsync(connection, seen, act, cancellation);
            Rule.That(IsOf(act, seen, same.Items), "receipt_differs", "Ya hay un comprobante con ese identificador, de otras cantidades.", "/receipt");
            return (same, false);
        }
        var no = Check(act, seen, mayAnywhere);
        if (no is { } refused && (!isPast || refused.Review is null))
            throw refused.Why;
        var review = no?.Review ?? act.Doubt;
        IReadOnlyList<ItemView> items = [];
        if (act.Act == Act.Delivery)
        {
            var wanted = Wanted(act, seen, isPast, ref review);
            items = Take(wanted, seen, isPast, ref review);
        }
        await WriteAsync(connection, act, seen, items, review, entry, cancellation);
        await transaction.CommitAsync(cancellation);
        var due = review is null && act.Act == Act.Delivery ? Due(seen, items) : [];
        return (new(act.Receipt, review is null ? ReceiptState.Counted : ReceiptState.UnderReview, review, act.Act, act.Package, act.Kind, act.Centre, items, due, act.HandedAt, seen.Household), true);
    }

    /// <summary>Whether what was asked for is what a receipt has; where all that is due was asked for, it is.</summary>
    private static bool IsOf(CounterAct act, Seen seen, IReadOnlyList<ItemView> items)
    {
        if (act.Items.Count == 0)
            return true;
        var articles = seen.Stock.ToDictionary(s => s.Lot, s => s.Article);
        var had = items.GroupBy(i => articles.GetValueOrDefault(i.Lot)).ToDictionary(g => g.Key, g => g.Sum(i => i.Quantity));
        var asked = act.Items.GroupBy(i => i.Article).ToDictionary(g => g.Key, g => g.ToList());
        return had.Count == asked.Count && asked.All(a => had.TryGetValue(a.Key, out var quantity) && (a.Value.Exists(i => i.Quantity is null) || a.Value.Sum(i => Math.Min(i.Quantity!.Value, Most)) == quantity));
    }

    /// <summary>More of anything is not in a package.</summary>
    private const decimal Most = 100_000_000;

    private sealed record Component(int Article, string Name, string Unit, decimal Quantity, decimal Handed);

    private sealed record Available(int Article, int Lot, decimal Remaining, bool IsExpired);

    // Again says whether a receipt of this id is about the same; null when there is none.
    private sealed record Seen(
        bool? Again, CampaignState Campaign, CampaignRules Rules, bool IsCentreClosed, bool IsStaff, bool IsDay, bool IsOnList, bool InQuestion, Guid? Person, string? PersonDui, string? State, string? Reason, int? OtherCentre, bool HasQuota,
        bool Household, IReadOnlyList<Component> Components, IReadOnlyList<Available> Stock);

    /// <summary>
    /// Everything that decides. The campaign is locked against its end and the package against another delivery of it; each
    /// lock in a statement of its own, so that what is read after it has seen what it waited for.
    /// </summary>
    private static async Task<Seen?> LookAsync(NpgsqlConnection connection, CounterAct act, bool isPast, CancellationToken cancellation)
    {
        const string Person = "coalesce($3, (SELECT id FROM beneficiary WHERE campaign_id = $1 AND dui = $4), (SELECT beneficiary_id FROM summons WHERE campaign_id = $1 AND code = $5))";
        var day = act.HandedAt.LocalDate();
        NpgsqlParameter[] Who(params NpgsqlParameter[] more) => [P(act.Campaign), P(act.Centre), Nullable(act.Who.Id, NpgsqlDbType.Uuid), Nullable(act.Who.Dui, NpgsqlDbType.Text), Nullable(act.Who.Code, NpgsqlDbType.Uuid), .. more];
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command("SELECT 1 FROM campaign WHERE id = $1 FOR KEY SHARE", P(act.Campaign)),
                Command($"SELECT 1 FROM entitlement WHERE campaign_id = $1 AND package = $6 AND kind = $7 AND beneficiary_id = {Person} FOR UPDATE",
                    Who(P(act.Package), P(Choice<DeliveryKind>.NameOf(act.Kind)))),
                Command(
                    $"""
                    SELECT c.state, c.rules, EXISTS (SELECT 1 FROM centre_closing k WHERE k.campaign_id = c.id AND k.centre = n.number), EXISTS (SELECT 1 FROM centre_staff s WHERE s.campaign_id = c.id AND s.centre = n.number AND s.subject = $8),
                        EXISTS (SELECT 1 FROM delivery_day d WHERE d.campaign_id = c.id AND d.centre = n.number AND d.date = $9 AND (d.state = 'scheduled' OR ($12 AND d.state = 'closed'))),
                        b.id, b.dui, e.state, e.reason, coalesce(t.centre, h.centre), EXISTS (SELECT 1 FROM centre_quota q WHERE q.campaign_id = c.id AND q.centre = n.number AND q.package = $6),
                        b.household IS NOT NULL AND EXISTS (SELECT 1 FROM beneficiary o JOIN entitlement oe ON oe.beneficiary_id = o.id WHERE o.campaign_id = c.id AND o.household = b.household AND o.id <> b.id
                            AND oe.package = $6 AND oe.state IN ('delivered', 'partially-delivered')),
                        (SELECT r.campaign_id = $1 AND r.centre = $2 AND r.package = $6 AND r.kind = $7 AND r.beneficiary_id = b.id AND r.act = $11 FROM receipt r WHERE r.id = $10),
                        $13::uuid IS NULL OR EXISTS (SELECT 1 FROM centre_list_line l WHERE l.list_id = $13 AND l.beneficiary_id = b.id AND l.package = $6 AND l.kind = $7),
                        e.state = 'partially-delivered' AND in_question(e)
                    FROM campaign c JOIN centre n ON n.campaign_id = c.id AND n.number = $2 LEFT JOIN beneficiary b ON b.campaign_id = c.id AND b.id = {Person}
                    LEFT JOIN entitlement e ON e.campaign_id = c.id AND e.package = $6 AND e.kind = $7 AND e.beneficiary_id = b.id
                    LEFT JOIN summons t ON t.campaign_id = c.id AND t.beneficiary_id = b.id LEFT JOIN centre_hamlet h ON h.campaign_id = c.id AND h.hamlet_id = b.hamlet_id
                    WHERE c.id = $1
                    """, Who(P(act.Package), P(Choice<DeliveryKind>.NameOf(act.Kind)), P(act.RecordedBy), P(day), P(act.Receipt), P(Choice<Act>.NameOf(act.Act)), P(isPast), Nullable(act.List, NpgsqlDbType.Uuid))),
                Command(
                    $"""
                    SELECT c.article, a.name, a.unit, c.quantity, coalesce(g.quantity, 0) FROM package_component c JOIN article a ON a.campaign_id = c.campaign_id AND a.number = c.article CROSS JOIN (SELECT {Person} AS id) w
                    LEFT JOIN LATERAL handed($1, $6, $7, w.id) g ON g.article = c.article WHERE c.campaign_id = $1 AND c.package = $6 ORDER BY c.article
                    """, Who(P(act.Package), P(Choice<DeliveryKind>.NameOf(act.Kind)))),
                Command(
                    """
                    SELECT l.article, l.number, b.remaining, coalesce(l.expires_on < $4, false) FROM stock_balance b JOIN lot l ON l.campaign_id = b.campaign_id AND l.number = b.lot
                    WHERE b.campaign_id = $1 AND b.centre = $2 AND l.article IN (SELECT article FROM package_component WHERE campaign_id = $1 AND package = $3)
                    ORDER BY l.article, l.expires_on NULLS LAST, l.number
                    """, P(act.Campaign), P(act.Centre), P(act.Package), P(day)),
            },
        };
        await batch.PrepareAsync(cancellation);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        var rules = JsonSerializer.Deserialize<CampaignRules>(reader.GetString(1), EventJson.Options)!;
        var seen = new Seen(
            Optional<bool?>(12), Choice<CampaignState>.Parse(reader.GetString(0)), rules, reader.GetBoolean(2), reader.GetBoolean(3), reader.GetBoolean(4), reader.GetBoolean(13), !reader.IsDBNull(14) && reader.GetBoolean(14), Optional<Guid?>(5), Optional<string>(6), Optional<string>(7), Optional<string>(8), Optional<int?>(9) is { } centre && centre != act.Centre ? centre : null, reader.GetBoolean(10),
            rules.HouseholdWarning && reader.GetBoolean(11), await ComponentsAsync(), await StockAsync());
        return seen;

        T? Optional<T>(int column) => reader.IsDBNull(column) ? default : reader.GetFieldValue<T>(column);

        async Task<List<Component>> ComponentsAsync()
        {
            var components = new List<Component>();
            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                components.Add(new(reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetDecimal(3), reader.GetDecimal(4)));
            return components;
        }

        async Task<List<Available>> StockAsync()
        {
            var stock = new List<Available>();
            await reader.NextResultAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                stock.Add(new(reader.GetInt32(0), reader.GetInt32(1), reader.GetDecimal(2), reader.GetBoolean(3)));
            return stock;
        }
    }

    private static (RuleViolationException Why, Review? Review)? Check(CounterAct act, Seen seen, bool mayAnywhere) =>
        seen.Person is null ? (new(422, "not_listed", "Esa persona no está en el padrón. Si debería estar, anote una incidencia.") { Pointer = "/dui" }, null)
        : seen.State is null ? (new(422, "not_entitled", act.Kind == DeliveryKind.Replacement ? "No se aprobó una reposición de ese paquete para esa persona." : "El padrón no le da ese paquete a esa persona.") { Pointer = "/package" }, null)
        : seen.Campaign != CampaignState.Approved ? (new(409, "campaign_not_approved", "La campaña no está aprobada o ya terminó."), Review.CentreClosed)
        : seen.IsCentreClosed ? (new(409, "centre_closed", "El centro ya cerró su acta."), Review.CentreClosed)
        : !seen.IsStaff && !mayAnywhere ? (new(403, "not_staff", "Usted no está entre el personal de ese centro."), null)
        : seen.State is "delivered" ? (new(409, "already_delivered", "Esa persona ya recibió ese paquete completo."), Review.Twice)
        : seen.State is "rejected" && seen.Reason is "refused" ? (new(409, "refused", "Esa persona no quiso el paquete. Si cambió de idea, la jefatura revierte ese comprobante."), Review.NotAuthorised)
        : seen.State is "rejected" or "under-review" ? (new(409, "not_authorised", Why(seen.Reason)), Review.NotAuthorised)
        // What was given is given; what is left of it is not, while somebody asks about the person.
        : seen.InQuestion ? (new(409, "not_authorised", "El padrón ya no le da ese paquete a esa persona, o hay una incidencia de ella: lo que falta no se entrega."), Review.NotAuthorised)
        // A list has whoever collects at its centre and, where there is a quota, has a turn: what a counter is told no for.
        : !seen.IsOnList ? (new(409, "off_list", "Ese paquete de esa persona no iba en la lista del aparato."), Review.OffList)
        : act.Act == Act.Refusal && seen.State is "partially-delivered" ? (new(409, "already_delivered", "Esa persona ya recibió una parte."), Review.Twice)
        : seen.OtherCentre is { } other && !mayAnywhere ? (new(409, "other_centre", $"A esa persona le toca en otro centro: el número {other}."), null)
        : seen.HasQuota && seen.State is ("authorised" or "no-show") && act.Kind == DeliveryKind.Original && !mayAnywhere ? (new(409, "not_summoned", "Ese paquete tiene cupo en el centro y esa persona todavía no tiene turno."), null)
        : !seen.IsDay ? (new(409, "no_day", "El centro no tiene jornada de entrega abierta hoy."), Review.NoDay)
        : act.Act == Act.Delivery && act.Evidence is null ? (new(422, "evidence", "Falta la firma o la huella de quien recoge.") { Pointer = "/evidence" }, null)
        : act.Deputy is not null && !seen.Rules.Deputies ? (new(409, "deputies_not_allowed", "En esta campaña cada quien recoge lo suyo."), Review.Deputy)
        : act.Deputy is not null && Dui.Parse(act.Deputy.Dui) == seen.PersonDui ? (new(422, "own_deputy", "Quien recoge por otra persona es alguien más.") { Pointer = "/deputy/dui" }, Review.Deputy)
        : null;

    private static string Why(string? reason) => reason switch
    {
        "minor" => "Esa persona no tenía la edad cuando comenzó la campaña.",
        "not-listed" => "El último padrón ya no le da ese paquete a esa persona.",
        "incident" => "El dueño del padrón confirmó una incidencia de esa persona.",
        "incident-open" => "Hay una incidencia de esa persona que el dueño del padrón no ha respondido.",
        _ => "Hay un comprobante de ese paquete que la jefatura todavía revisa.",
    };

    /// <summary>What is to be handed over, by article: what was named, or all that is due.</summary>
    private static List<CounterItem> Wanted(CounterAct act, Seen seen, bool isPast, ref Review? review)
    {
        if (act.Items.Count == 0)
            return [.. seen.Components.Where(c => c.Quantity > c.Handed).Select(c => new CounterItem(c.Article, 0, c.Quantity - c.Handed))];
        var wanted = new List<CounterItem>();
        foreach (var (index, item) in act.Items.Index())
        {
            var article = item.Lot == 0 ? item.Article : seen.Stock.FirstOrDefault(s => s.Lot == item.Lot)?.Article ?? 0;
            var component = seen.Components.FirstOrDefault(c => c.Article == article);
            if (!isPast)
                Rule.That(component is not null, "unknown_article", "El paquete no lleva un artículo con ese número.", $"/items/{index}/article");
            var quantity = item.Quantity ?? (component is null ? 0 : component.Quantity - component.Handed);
            Rule.That(quantity is >= -Most and <= Most, "quantity", "La cantidad es mayor que cero, con dos decimales a lo más.", $"/items/{index}/quantity");
            var sum = quantity + wanted.Where(w => w.Article == article).Sum(w => w.Quantity);
            if (!isPast)
                Rule.That(quantity > 0 && decimal.Round(quantity, 2) == quantity && sum <= component!.Quantity - component.Handed, "more_than_due",
                    $"De {component!.Name} se le deben {component.Quantity - component.Handed:0.##} {component.Unit}.", $"/items/{index}/quantity");
            else if (component is null || sum > component.Quantity - component.Handed)
                review ??= component is not null && component.Handed > 0 ? Review.Twice : Review.Quantity;
            wanted.Add(new(article, item.Lot, quantity));
        }
        return wanted;
    }

    /// <summary>From which lots it comes: what expires first goes first, and nothing that has expired.</summary>
    private static List<ItemView> Take(List<CounterItem> wanted, Seen seen, bool isPast, ref Review? review)
    {
        var left = seen.Stock.ToDictionary(s => s.Lot, s => s.Remaining);
        var taken = new Dictionary<int, decimal>();
        foreach (var item in wanted)
        {
            if (item.Lot != 0)
            {
                taken[item.Lot] = taken.GetValueOrDefault(item.Lot) + item.Quantity!.Value;
                if (left.GetValueOrDefault(item.Lot) < taken[item.Lot])
                    review = Review.Stock; // It goes before any other reason: there is nothing to draw on.
                else if (seen.Stock.Any(s => s.Lot == item.Lot && s.IsExpired))
                    review ??= Review.Expired;
                continue;
            }
            var missing = item.Quantity!.Value;
            foreach (var lot in seen.Stock.Where(s => s.Article == item.Article && !s.IsExpired && left[s.Lot] > 0))
            {
                var part = Math.Min(missing, left[lot.Lot]);
                taken[lot.Lot] = taken.GetValueOrDefault(lot.Lot) + part;
                left[lot.Lot] -= part;
                if ((missing -= part) == 0)
                    break;
            }
            var component = seen.Components.First(c => c.Article == item.Article);
            if (missing > 0 && !isPast)
                Rule.State(false, "not_enough_stock", $"Al centro le faltan {missing:0.##} {component.Unit} de {component.Name}{(seen.Stock.Any(s => s.Article == item.Article && s.IsExpired && s.Remaining > 0) ? ": lo que queda ya venció" : "")}. Puede entregar lo demás y completar otro día.");
        }
        return [.. taken.OrderBy(t => t.Key).Select(t => new ItemView(t.Key, t.Value))];
    }

    private static List<DueView> Due(Seen seen, IReadOnlyList<ItemView> items)
    {
        var articles = seen.Stock.ToDictionary(s => s.Lot, s => s.Article);
        return
        [
            .. seen.Components.Select(c => new DueView(c.Article, c.Quantity - c.Handed - items.Where(i => articles[i.Lot] == c.Article).Sum(i => i.Quantity))).Where(d => d.Quantity > 0),
        ];
    }

    private async Task WriteAsync(NpgsqlConnection connection, CounterAct act, Seen seen, IReadOnlyList<ItemView> items, Review? review, Func<NpgsqlBatchCommand>? entry, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        Guid? deputy = null;
        if (act.Deputy is not null)
        {
            deputy = Guid.CreateVersion7();
            batch.BatchCommands.Add(Command("INSERT INTO outsider (id, dui, names) VALUES ($1, $2, $3)", P(deputy.Value), P(Dui.Parse(act.Deputy.Dui)!), P(act.Deputy.Names.Trim())));
        }
        var (type, image) = act.Evidence?.Read() ?? default;
        batch.BatchCommands.Add(Command(
            """
            INSERT INTO receipt (id, campaign_id, package, kind, beneficiary_id, centre, act, items, state, review, deputy_id, authorisation, evidence_kind, evidence_type, evidence, handed_at, handed_on, recorded_by, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
            """,
            P(act.Receipt), P(act.Campaign), P(act.Package), P(Choice<DeliveryKind>.NameOf(act.Kind)), P(seen.Person!.Value), P(act.Centre), P(Choice<Act>.NameOf(act.Act)),
            new NpgsqlParameter { Value = JsonSerializer.Serialize(items, EventJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb }, P(review is null ? "counted" : "under-review"),
            Nullable(review is { } why ? Choice<Review>.NameOf(why) : null, NpgsqlDbType.Text), Nullable(deputy, NpgsqlDbType.Uuid), Nullable(act.Deputy?.Authorisation.Trim(), NpgsqlDbType.Text),
            Nullable(act.Evidence is { } e ? Choice<EvidenceKind>.NameOf(e.Kind) : null, NpgsqlDbType.Text), Nullable(type, NpgsqlDbType.Text), Nullable(image, NpgsqlDbType.Bytea),
            P(act.HandedAt.ToUniversalTime()), P(act.HandedAt.LocalDate()), P(act.RecordedBy), P(time.GetUtcNow())));
        var (state, reason) =
            // Whoever has got nothing that counts waits until somebody has looked.
            review is not null ? seen.State is "authorised" or "summoned" or "no-show" && seen.Campaign == CampaignState.Approved ? ("under-review", "receipt") : (null, null)
            : act.Act == Act.Refusal ? ("rejected", "refused")
            : (Due(seen, items).Count == 0 ? "delivered" : "partially-delivered", (string?)null);
        if (state is not null)
            batch.BatchCommands.Add(Command("UPDATE entitlement SET state = $5, reason = $6 WHERE campaign_id = $1 AND package = $2 AND kind = $3 AND beneficiary_id = $4",
                P(act.Campaign), P(act.Package), P(Choice<DeliveryKind>.NameOf(act.Kind)), P(seen.Person.Value), P(state), Nullable(reason, NpgsqlDbType.Text)));
        if (entry is not null)
            batch.BatchCommands.Add(entry());
        // Last: from here to the commit everybody who takes from the same lots at this centre waits.
        if (items.Count > 0 && review is not (Review.Stock or Review.CentreClosed))
            batch.BatchCommands.Add(Lines(act.Receipt, act.Campaign, act.Centre, StockKind.Delivery, items, act.HandedAt.LocalDate(), act.RecordedBy, time.GetUtcNow()));
        await batch.PrepareAsync(cancellation);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A receipt's lines in the ledger, by the number of the lot: two that take from the same lots wait for each other, and never in a circle.</summary>
    public static NpgsqlBatchCommand Lines(Guid receipt, Guid campaign, int centre, StockKind kind, IReadOnlyList<ItemView> items, DateOnly on, string by, DateTimeOffset now, string? note = null)
    {
        var sign = kind == StockKind.Reversal ? 1 : -1;
        var ordered = items.OrderBy(i => i.Lot).ToArray();
        return Command(
            """
            INSERT INTO stock_entry (id, campaign_id, centre, lot, kind, quantity, receipt_id, note, happened_on, recorded_by, recorded_at)
            SELECT i.id, $2, $3, i.lot, $4, i.quantity, $1, $8, $9, $10, $11 FROM unnest($5, $6, $7) AS i (id, lot, quantity)
            """,
            Nullable(kind == StockKind.Damage ? null : receipt, NpgsqlDbType.Uuid), P(campaign), P(centre), P(Choice<StockKind>.NameOf(kind)), P(ordered.Select(_ => Guid.CreateVersion7()).ToArray()),
            P(ordered.Select(i => i.Lot).ToArray()), P(ordered.Select(i => sign * i.Quantity).ToArray()), Nullable(note, NpgsqlDbType.Text), P(on), P(by), P(now));
    }

    private static async Task<ReceiptView> ReadAsync(NpgsqlConnection connection, Seen seen, CounterAct act, CancellationToken cancellation)
    {
        await using var query = new NpgsqlCommand("SELECT state, review, items, handed_at FROM receipt WHERE id = $1", connection) { Parameters = { P(act.Receipt) } };
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var due = seen.Components.Where(c => c.Quantity > c.Handed).Select(c => new DueView(c.Article, c.Quantity - c.Handed));
        return new(
            act.Receipt, Choice<ReceiptState>.Parse(reader.GetString(0)), reader.IsDBNull(1) ? null : Choice<Review>.Parse(reader.GetString(1)), act.Act, act.Package, act.Kind, act.Centre,
            JsonSerializer.Deserialize<List<ItemView>>(reader.GetString(2), EventJson.Options)!, act.Act == Act.Delivery ? [.. due] : [], reader.GetFieldValue<DateTimeOffset>(3), seen.Household);
    }

    public static NpgsqlBatchCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    public static NpgsqlParameter<T> P<T>(T value) => new() { TypedValue = value };

    public static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
