using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Minutes;

namespace ProyeccionSocial.EventsAndMeetings.Newspaper;

/// <param name="Item">Of the edition, from 1.</param>
/// <param name="Point">Of the checklist: <c>privacy</c>, <c>no-electioneering</c> or <c>facts-checked</c>.</param>
/// <param name="Words">What caught the eye.</param>
internal sealed record ReviewHint(int Item, string Point, string Words)
{
    public static ReviewHint Example => new(3, "no-electioneering", "vote");
}

/// <summary>What a reviewer should look at twice: a person of the register who is named, words of election campaigns, and what was corrected where it comes from. A person decides.</summary>
internal static partial class ReviewHints
{
    public static async Task<IReadOnlyList<ReviewHint>> OfAsync(AgendaDb db, IReadOnlyList<EditionItem> items, CancellationToken cancellation)
    {
        var words = items.SelectMany(i => WordsOf($"{i.Title} {i.Text}")).ToHashSet();
        var named = new List<string>();
        await foreach (var name in db.BodyMembers.Select(m => m.Name).Distinct().AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (WordsOf(name).Count(words.Contains) > 1)
                named.Add(name);
        }
        var redaction = new Redaction(named, []);
        var sources = items.SelectMany(i => i.Sources ?? []).Distinct().ToArray();
        var corrections = (await db.Database.SqlQuery<Correction>($"""SELECT about AS "About", words AS "Words" FROM news_correction WHERE about = ANY ({sources}) AND words <> '' ORDER BY happened_at, id""").ToListAsync(cancellation)).ToLookup(c => c.About, c => c.Words);
        return
        [
            .. items.Index().SelectMany(i => Of(i.Index + 1, $"{i.Item.Title}. {i.Item.Text}", redaction).Concat(
                (i.Item.Sources ?? []).SelectMany(s => corrections[s]).Where(words => !i.Item.Text.Contains(words, StringComparison.Ordinal)).Select(words => new ReviewHint(i.Index + 1, "facts-checked", $"Se corrigió después: {words}")))),
        ];
    }

    private sealed record Correction(Guid About, string Words);

    private static IEnumerable<ReviewHint> Of(int number, string text, Redaction redaction)
    {
        if (redaction.Apply(text) != text)
            yield return new(number, "privacy", "Nombra a una persona del registro.");
        foreach (var word in Campaign().Matches(text).Select(m => m.Value).Distinct(StringComparer.OrdinalIgnoreCase))
            yield return new(number, "no-electioneering", word);
    }

    private static IEnumerable<string> WordsOf(string text) => Word().Matches(text).Select(m => string.Concat(
        m.Value.Normalize(NormalizationForm.FormD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)).ToLowerInvariant()).Where(w => w.Length > 2);

    [GeneratedRegex(@"\p{L}+")]
    private static partial Regex Word();

    // A vote of the participatory budget is no campaign: "vote por", not "votación".
    [GeneratedRegex(@"\b(vote(n)?\s+por|candidat[oa]s?|reelecci[oó]n|reelegir|partido\s+pol[ií]tico|campaña\s+electoral|gracias\s+(al?|a\s+la)\s+alcald\w+|elecciones)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Campaign();
}
