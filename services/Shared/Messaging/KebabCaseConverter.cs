using System.Text.Json;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ProyeccionSocial.Messaging;

/// <summary>Enums are stored as they are sent: <c>GrantedByLaw</c> is <c>granted-by-law</c>.</summary>
public sealed class KebabCaseConverter<TEnum>() : ValueConverter<TEnum, string>(
    value => Names[value], text => Values[text])
    where TEnum : struct, Enum
{
    private static readonly Dictionary<TEnum, string> Names =
        Enum.GetValues<TEnum>().ToDictionary(v => v, v => JsonNamingPolicy.KebabCaseLower.ConvertName(v.ToString()));

    private static readonly Dictionary<string, TEnum> Values = Names.ToDictionary(n => n.Value, n => n.Key);
}
