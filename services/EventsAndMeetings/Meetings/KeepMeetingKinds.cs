using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.ServiceDefaults.Errors;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

namespace ProyeccionSocial.EventsAndMeetings.Meetings;

/// <summary>Kinds of meeting and their rules, which the unit keeps as data: what changes holds from a day on.</summary>
internal static class KeepMeetingKinds
{
    public static void MapMeetingKinds(this IEndpointRouteBuilder kinds)
    {
        kinds.MapGet("/", ListAsync).WithName("ListMeetingKinds").Allow("agenda.read", ReadPlans.Readers)
            .WithSummary("Tipos de reunión con sus reglas de aviso y quórum, desde qué día rige cada una");
        kinds.MapPut("/{code}", WriteAsync).WithName("WriteMeetingKind").Allow("agenda.write", Roles.UnitHead)
            .WithSummary("Agregar un tipo de reunión, o reglas nuevas desde un día").WithDescription("Las reuniones de antes de ese día conservan las suyas. Un tipo que ya existe se cambia con If-Match y su versión entre comillas.");
    }

    internal sealed record RuleView(
        DateOnly EffectiveFrom, int NoticeMinDays, int NoticeMaxDays, QuorumRule Quorum, bool SecondCall, int EscalateAfterDays, string Source);

    internal sealed record KindView(string Code, long Version, string Name, MinutesBook Book, IReadOnlyList<RuleView> Rules)
    {
        public static KindView Example => new(
            "ordinary-assembly", 1, "Asamblea general ordinaria", MinutesBook.Assembly, [new(new(1990, 1, 1), 5, 8, QuorumRule.HalfPlusOne, true, 7, "Estatutos tipo")]);
    }

    internal sealed record Request(
        [Text(100)] string Name, MinutesBook Book, DateOnly EffectiveFrom, [Between(0, 60)] int NoticeMinDays, [Between(0, 90)] int NoticeMaxDays, QuorumRule Quorum,
        bool SecondCall, [Between(0, 365)] int EscalateAfterDays, [Text(300)] string Source)
    {
        public static Request Example => new("Asamblea general ordinaria", MinutesBook.Assembly, new(2026, 1, 1), 5, 8, QuorumRule.HalfPlusOne, true, 7, "Estatutos, art. 20");
    }

    private static async Task<Ok<List<KindView>>> ListAsync(AgendaDb db, CancellationToken cancellation)
    {
        // A handful each.
        var kinds = await db.MeetingKinds.AsNoTracking().OrderBy(k => k.Name).Take(Page.MaximumSize).ToListAsync(cancellation);
        var rules = (await db.MeetingRules.AsNoTracking().OrderBy(r => r.EffectiveFrom).ToListAsync(cancellation)).ToLookup(r => r.Kind);
        return TypedResults.Ok(kinds.ConvertAll(k => View(k, rules[k.Code])));
    }

    private static async Task<Results<Ok<KindView>, ProblemHttpResult>> WriteAsync(
        string code, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, AgendaDb db, HttpContext http, CancellationToken cancellation)
    {
        Rule.That(code.Length is > 0 and <= 60 && code.All(c => c is (>= 'a' and <= 'z') or '-'), "kind_code", "El código lleva letras minúsculas sin tilde y guiones, hasta 60.", "/code");
        Rule.That(request.NoticeMinDays <= request.NoticeMaxDays, "notice_days", "El aviso más corto no es más largo que el mayor.", "/noticeMinDays");
        Rule.That(request.EffectiveFrom.Year is >= 1990 and <= 2100, "effective_from", "El día desde el que rige va de 1990 a 2100.", "/effectiveFrom");
        Rule.That(!request.SecondCall || request.Quorum != QuorumRule.None, "second_call_without_quorum", "Sin quórum no hace falta una segunda convocatoria.", "/secondCall");
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('meeting_kind'))", cancellation);
        var kind = await db.MeetingKinds.SingleOrDefaultAsync(k => k.Code == code, cancellation);
        if (kind is null)
            db.Add(kind = new() { Code = code, Name = request.Name.Trim(), Book = request.Book });
        else
            Preconditions.Require(ifMatch, kind.Version);
        kind.Version++;
        Rule.That(kind.Book == request.Book, "book_of_kind", "El libro de un tipo de reunión no cambia: sus actas ya están numeradas en él.", "/book");
        kind.Name = request.Name.Trim();
        Rule.State(!await db.Meetings.AnyAsync(m => m.Kind == code && m.StartsAt >= request.EffectiveFrom.ToDateTime(TimeOnly.MinValue)
            && m.State != MeetingState.Planned && m.State != MeetingState.Cancelled && m.State != MeetingState.Rescheduled, cancellation), "rule_in_use",
            "Ya hay reuniones convocadas desde ese día con las reglas anteriores: use un día posterior.");
        var rule = await db.MeetingRules.SingleOrDefaultAsync(r => r.Kind == code && r.EffectiveFrom == request.EffectiveFrom, cancellation);
        if (rule is null)
            db.Add(rule = new() { Kind = code, EffectiveFrom = request.EffectiveFrom, Source = request.Source });
        (rule.NoticeMinDays, rule.NoticeMaxDays, rule.Quorum, rule.SecondCall) = (request.NoticeMinDays, request.NoticeMaxDays, request.Quorum, request.SecondCall);
        (rule.EscalateAfterDays, rule.Source) = (request.EscalateAfterDays, request.Source.Trim());
        await db.SaveChangesAsync(cancellation);
        var rules = await db.MeetingRules.AsNoTracking().Where(r => r.Kind == code).OrderBy(r => r.EffectiveFrom).ToListAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        http.Response.SetETag(kind.Version);
        return TypedResults.Ok(View(kind, rules));
    }

    private static KindView View(MeetingKind kind, IEnumerable<MeetingRule> rules) => new(
        kind.Code, kind.Version, kind.Name, kind.Book,
        [.. rules.Select(r => new RuleView(r.EffectiveFrom, r.NoticeMinDays, r.NoticeMaxDays, r.Quorum, r.SecondCall, r.EscalateAfterDays, r.Source))]);
}
