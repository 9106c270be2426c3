using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class DuiTests
{
    private static readonly Arbitrary<string> Prefixes =
        Gen.Choose(1, 99_999_999).Select(n => n.ToString("00000000", CultureInfo.InvariantCulture)).ToArbitrary();

    [Fact]
    public void Every_prefix_has_exactly_one_check_digit() => Prop.ForAll(Prefixes, prefix =>
        Enumerable.Range(0, 10).Count(digit => Dui.Parse($"{prefix}-{digit}") is not null) == 1).QuickCheckThrowOnFailure();

    [Fact]
    public void The_written_form_does_not_depend_on_the_hyphen_or_on_spaces() => Prop.ForAll(Prefixes, prefix =>
    {
        var written = OrganizationsService.WithCheckDigit(prefix);
        return Dui.Parse(written) == written && Dui.Parse(written.Replace("-", "", StringComparison.Ordinal)) == written && Dui.Parse($" {written} ") == written;
    }).QuickCheckThrowOnFailure();

    /// <summary>
    /// The weights 9 to 2 modulo 10 cannot see every slip: under an even weight a digit that is off by 5 passes, and
    /// under weight 5 one that is off by an even number. Every other single wrong digit is found.
    /// </summary>
    [Fact]
    public void A_single_wrong_digit_is_found_unless_its_weight_hides_it() => Prop.ForAll(Prefixes, prefix =>
    {
        var dui = OrganizationsService.WithCheckDigit(prefix).Replace("-", "", StringComparison.Ordinal);
        return Enumerable.Range(0, 9).All(place => Enumerable.Range(1, 9).All(off =>
        {
            var wrong = string.Concat(dui.Select((c, i) => i == place ? (char)('0' + (c - '0' + off) % 10) : c));
            var weight = place == 8 ? 1 : 9 - place;
            var isHidden = (dui[place] - '0' + off) % 10 - (dui[place] - '0') is var difference && weight * difference % 10 == 0;
            return wrong == "000000000" || (Dui.Parse(wrong) is not null) == isHidden;
        }));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_no_DUI_is_refused_without_an_exception() => Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text =>
        Dui.Parse(text) is not { } dui || dui.Replace("-", "", StringComparison.Ordinal) == text!.Trim().Replace("-", "", StringComparison.Ordinal)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("90000001-7", "90000001-7")]
    [InlineData("912345677", "91234567-7")]
    [InlineData("98765432-6", "98765432-6")]
    [InlineData("90000001-6", null)]
    [InlineData("12345678-9", null)]
    [InlineData("00000000-0", null)]
    [InlineData("000000000", null)]
    [InlineData("9000-00017", null)]
    [InlineData("٩٠٠٠٠٠٠١-٧", null)]
    [InlineData("", null)]
    public void The_samples_of_the_domain(string text, string? parsed) => Assert.Equal(parsed, Dui.Parse(text));

    [Fact]
    public void The_mask_leaves_the_last_two_digits_and_the_check_digit() => Assert.Equal("******01-7", Dui.Mask("90000001-7"));

    [Theory]
    [InlineData("7000-0000", "+50370000000")]
    [InlineData("22000000", "+50322000000")]
    [InlineData("+503 6000 0000", "+50360000000")]
    [InlineData("+1 (202) 555-0100", "+12025550100")]
    [InlineData("3000-0000", null)]
    [InlineData("+50330000000", null)]
    [InlineData("700000", null)]
    [InlineData("+0123456789", null)]
    public void The_telephone_is_of_the_country_or_has_its_code(string text, string? parsed) => Assert.Equal(parsed, PhoneAttribute.Parse(text));
}
