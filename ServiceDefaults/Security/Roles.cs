namespace ProyeccionSocial.ServiceDefaults.Security;

/// <summary>The roles that a token's <c>role</c> claims name.</summary>
public static class Roles
{
    /// <summary>Social promoter (<em>promotor social</em>): works with the communities.</summary>
    public const string Promoter = "promoter";

    /// <summary>Head of the unit (<em>jefatura</em>).</summary>
    public const string UnitHead = "unit-head";

    /// <summary>Municipal secretary: register book, receipts, credentials.</summary>
    public const string Secretary = "secretary";

    /// <summary>Municipal council (<em>concejo</em>).</summary>
    public const string Council = "council";

    /// <summary>Finance: commitments and payments.</summary>
    public const string Finance = "finance";

    /// <summary>Oversight committee (<em>comité contralor</em>).</summary>
    public const string Oversight = "oversight";

    /// <summary>A verified resident.</summary>
    public const string Resident = "resident";

    /// <summary>Another municipal system; what it may do is in its <c>scope</c> claim.</summary>
    public const string Integration = "integration";

    /// <summary>Reads everything, changes nothing.</summary>
    public const string Auditor = "auditor";

    /// <summary>Runs the system.</summary>
    public const string Operator = "operator";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Promoter, UnitHead, Secretary, Council, Finance, Oversight, Resident, Integration, Auditor, Operator];
}
