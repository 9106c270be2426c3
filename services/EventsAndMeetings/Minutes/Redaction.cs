using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ProyeccionSocial.EventsAndMeetings.Minutes;

/// <summary>
/// Takes people out of the words of minutes: the full names of those who are known, in any order and with any of their
/// names ("Ana López" of Ana María López Cruz), and whatever the person who publishes reserves besides. A single given name
/// cannot be told from a word; that is why a person looks at the public version before it is one.
/// </summary>
internal sealed partial class Redaction
{
    public const string Reserved = "[nombre reservado]";

    private readonly HashSet<string>[] _people;
    private readonly string[][] _phrases;

    /// <param name="names">Of people who are known.</param>
    /// <param name="reserved">Words that are taken out wherever they stand.</param>
    public Redaction(IEnumerable<string> names, IEnumerable<string> reserved)
    {
        _people = [.. names.Select(n => WordsOf(n).Where(w => w.Length > 2).ToHashSet()).Where(n => n.Count > 1)];
        _phrases = [.. reserved.Select(WordsOf).Where(p => p.Length > 0)];
    }

    public string? Apply(string? text)
    {
        if (text is null)
            return null;
        var words = Word().Matches(text).Select(m => (m.Index, m.Length, Plain: Plain(m.Value))).ToArray();
        var kept = new StringBuilder();
        var at = 0;
        for (var i = 0; i < words.Length;)
        {
            var length = Math.Max(_phrases.Max(p => (int?)Phrase(words, i, p)) ?? 0, _people.Max(p => (int?)Name(words, i, p)) ?? 0);
            if (length == 0)
            {
                i++;
                continue;
            }
            kept.Append(text, at, words[i].Index - at).Append(Reserved);
            var last = words[i + length - 1];
            at = last.Index + last.Length;
            i += length;
        }
        return kept.Append(text, at, text.Length - at).ToString();
    }

    private static int Phrase((int, int, string Plain)[] words, int from, string[] phrase) =>
        from + phrase.Length <= words.Length && phrase.Index().All(p => words[from + p.Index].Plain == p.Item) ? phrase.Length : 0;

    /// <summary>How many words from here are a person's name: two of their names at least, with "de", "la" between them.</summary>
    private static int Name((int, int, string Plain)[] words, int from, HashSet<string> person)
    {
        var (length, names) = (0, 0);
        for (var i = from; i < words.Length && (person.Contains(words[i].Plain) || (names > 0 && words[i].Plain is "de" or "del" or "la" or "las" or "los")); i++)
        {
            if (!person.Contains(words[i].Plain))
                continue;
            names++;
            length = i - from + 1;
        }
        return names > 1 ? length : 0;
    }

    private static string[] WordsOf(string text) => [.. Word().Matches(text).Select(m => Plain(m.Value))];

    private static string Plain(string word) => string.Concat(word.Normalize(NormalizationForm.FormD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)).ToLowerInvariant();

    [GeneratedRegex(@"[\p{L}\p{M}]+")]
    private static partial Regex Word();
}
