using System.Net;
using System.Net.Http.Headers;
using ProyeccionSocial.ServiceDefaults.Security;
using ProyeccionSocial.Testing;

namespace ProyeccionSocial.Organizations.Tests;

public sealed class AccessTests(OrganizationsService service) : AccessRules<Program>(service), IClassFixture<OrganizationsService>
{
    protected override IEnumerable<string> Public =>
    [
        "GET /v1/organizations/places/",
        "GET /v1/organizations/places/export",
        "GET /v1/organizations/published",
        "GET /v1/organizations/verify/{code}",
    ];

    protected override Task<IReadOnlyList<string>> WrongAnswersAsync() => EndpointTables.CallAsTheTableSaysAsync(Service.Services, (role, scope) => Service.As(role, scope),
            """
            public                         GET /alive
            public                         GET /health
            public                         GET /openapi/{documentName}.json
            organizations.read      pusca  GET /v1/organizations/associations/
            organizations.write     pu     POST /v1/organizations/associations/
            organizations.read      pusca  GET /v1/organizations/associations/export
            organizations.read      pusca  GET /v1/organizations/associations/termination-causes
            organizations.read      pusca  GET /v1/organizations/associations/{id:guid}
            organizations.write     su     POST /v1/organizations/associations/{id:guid}/annual-filings
            organizations.write     su     POST /v1/organizations/associations/{id:guid}/application
            organizations.write     s      POST /v1/organizations/associations/{id:guid}/archive
            organizations.read      pusca  GET /v1/organizations/associations/{id:guid}/board
            organizations.read      pusca  GET /v1/organizations/associations/{id:guid}/board-terms
            organizations.write     pu     POST /v1/organizations/associations/{id:guid}/board/reliefs
            organizations.write     su     POST /v1/organizations/associations/{id:guid}/board/report
            organizations.read      pusa   GET /v1/organizations/associations/{id:guid}/books
            organizations.write     pus    POST /v1/organizations/associations/{id:guid}/books
            organizations.read      pusa   GET /v1/organizations/associations/{id:guid}/books/{kind}/entries/
            organizations.write     pus    POST /v1/organizations/associations/{id:guid}/books/{kind}/entries/
            organizations.write     pus    PUT /v1/organizations/associations/{id:guid}/books/{kind}/entries/{number:int}
            organizations.write     sup    POST /v1/organizations/associations/{id:guid}/books/{kind}/entries/{number:int}/closing
            organizations.write     sc     POST /v1/organizations/associations/{id:guid}/cancellation
            organizations.write     pu     POST /v1/organizations/associations/{id:guid}/constitution
            organizations.write     su     POST /v1/organizations/associations/{id:guid}/correction
            organizations.write     s      POST /v1/organizations/associations/{id:guid}/credential
            organizations.write     pu     POST /v1/organizations/associations/{id:guid}/dissolution
            organizations.write     sc     POST /v1/organizations/associations/{id:guid}/dissolution/settlement
            organizations.read      pus    GET /v1/organizations/associations/{id:guid}/documents
            organizations.write     pus    POST /v1/organizations/associations/{id:guid}/documents
            organizations.write     pu     POST /v1/organizations/associations/{id:guid}/elections
            organizations.write     cs     POST /v1/organizations/associations/{id:guid}/grant-by-law
            organizations.read      pusa   GET /v1/organizations/associations/{id:guid}/members
            organizations.write     pu     POST /v1/organizations/associations/{id:guid}/members
            organizations.write     pu     POST /v1/organizations/associations/{id:guid}/members/{personId:guid}/departure
            organizations.write     su     POST /v1/organizations/associations/{id:guid}/observation
            organizations.write     u      PUT /v1/organizations/associations/{id:guid}/promoter
            organizations.write     s      POST /v1/organizations/associations/{id:guid}/publication
            organizations.read      pusca  GET /v1/organizations/associations/{id:guid}/receipts
            organizations.write     s      POST /v1/organizations/associations/{id:guid}/registration
            organizations.write     cs     POST /v1/organizations/associations/{id:guid}/resolution
            organizations.read      pusca  GET /v1/organizations/associations/{id:guid}/statutes
            organizations.write     pu     POST /v1/organizations/associations/{id:guid}/statutes
            organizations.write     su     PUT /v1/organizations/associations/{id:guid}/tax-number
            organizations.read      pusca  GET /v1/organizations/committees/
            organizations.write     pu     POST /v1/organizations/committees/
            organizations.read      pusca  GET /v1/organizations/committees/export
            organizations.read      pusca  GET /v1/organizations/committees/kinds
            organizations.write     u      PUT /v1/organizations/committees/kinds/{code}
            organizations.read      pusca  GET /v1/organizations/committees/requests
            organizations.read      pusca  GET /v1/organizations/committees/{id:guid}
            organizations.write     pu     POST /v1/organizations/committees/{id:guid}/dissolution
            organizations.read      pusa   GET /v1/organizations/committees/{id:guid}/members
            organizations.write     pu     POST /v1/organizations/committees/{id:guid}/members
            organizations.write     pu     POST /v1/organizations/committees/{id:guid}/members/{personId:guid}/replacement
            operator                       GET /v1/organizations/dead-letters/
            operator                       POST /v1/organizations/dead-letters/{messageId:guid}/replay
            organizations.read      pus    GET /v1/organizations/documents/{code}
            organizations.write     pus    POST /v1/organizations/members/imports
            organizations.read      pusa   GET /v1/organizations/members/imports/{id:guid}
            organizations.write     pus    GET /v1/organizations/members/imports/{id:guid}/rejected
            organizations.read      pusa   GET /v1/organizations/people/
            organizations.write     pus    POST /v1/organizations/people/
            organizations.write     pus    POST /v1/organizations/people/lookup
            organizations.read      pusa   GET /v1/organizations/people/{id:guid}
            organizations.write     pus    PUT /v1/organizations/people/{id:guid}
            organizations.read      pusa   GET /v1/organizations/people/{id:guid}/affiliations
            organizations.write     pus    POST /v1/organizations/people/{id:guid}/affiliations
            organizations.write     pus    POST /v1/organizations/people/{id:guid}/affiliations/{affiliationId:guid}/end
            organizations.audit     ua     GET /v1/organizations/people/{id:guid}/identity-reads
            organizations.identity  su     POST /v1/organizations/people/{id:guid}/identity-reads
            organizations.read      usa    GET /v1/organizations/people/{id:guid}/merges
            organizations.write     us     POST /v1/organizations/people/{id:guid}/merges
            organizations.write     pus    POST /v1/organizations/people/{id:guid}/relatives
            public                         GET /v1/organizations/places/
            public                         GET /v1/organizations/places/export
            organizations.write     pus    POST /v1/organizations/places/imports
            organizations.read      pusa   GET /v1/organizations/places/imports/{id:guid}
            organizations.write     pus    GET /v1/organizations/places/imports/{id:guid}/rejected
            organizations.read      pusa   GET /v1/organizations/places/{id:guid}/location
            organizations.write     pus    PUT /v1/organizations/places/{id:guid}/location
            public                         GET /v1/organizations/published
            organizations.write     u      POST /v1/organizations/published/{publication:guid}/correction
            organizations.write     u      POST /v1/organizations/published/{publication:guid}/withdrawal
            organizations.read      pusa   GET /v1/organizations/register-books/
            organizations.write     s      POST /v1/organizations/register-books/
            organizations.read      pusca  GET /v1/organizations/rulesets/
            organizations.rules     u      POST /v1/organizations/rulesets/{code}/enactment
            organizations.read      puscfa GET /v1/organizations/statistics/associations
            organizations.read      puscfa GET /v1/organizations/statistics/members
            public                         GET /v1/organizations/verify/{code}
            organizations.read      pusa   GET /v1/organizations/work-list
            """);

    [Theory]
    [InlineData("expired")]
    [InlineData("another key")]
    [InlineData("another audience")]
    [InlineData("garbage")]
    public async Task A_token_that_is_not_ours_is_401(string kind)
    {
        using var client = Service.As(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", kind switch
        {
            "expired" => Tokens.For(Roles.Secretary, lifetime: TimeSpan.FromMinutes(-5)),
            "another key" => Tokens.For(Roles.Secretary, key: new string('x', 40)),
            "another audience" => Tokens.For(Roles.Secretary, audience: "another-system"),
            _ => "a.b.c",
        });
        await client.SendJsonAsync(HttpMethod.Get, "/v1/organizations/associations", null).ProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task A_role_that_nobody_knows_may_nothing() =>
        await Service.As("mayor").SendJsonAsync(HttpMethod.Get, "/v1/organizations/associations", null).ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
}
