using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);
var replicas = builder.Configuration.GetValue("replicas", 2);
var port = builder.Configuration.GetValue("port", 8080);
// What is printed on paper leads here, so whoever has a name on the Internet says it.
var publicUrl = builder.Configuration["PublicUrl"] ?? $"http://localhost:{port}";
builder.AddDockerComposeEnvironment("compose");

// The image tag comes first: the data volume and the management plugin depend on it.
var postgres = builder.AddPostgres("postgres").WithImageTag("17.6").WithDataVolume();
var organizationsDb = postgres.AddDatabase("organizationsdb");
var agendaDb = postgres.AddDatabase("agendadb");
var budgetDb = postgres.AddDatabase("budgetdb");
var distributionDb = postgres.AddDatabase("distributiondb");
var transparencyDb = postgres.AddDatabase("transparencydb");
var messaging = builder.AddRabbitMQ("messaging").WithImageTag("4.1").WithManagementPlugin().WithDataVolume();

var organizations = builder.AddProject<Projects.Organizations>("organizations")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(replicas)
    .WithEnvironment("PublicUrl", publicUrl)
    .WithReference(organizationsDb).WaitFor(organizationsDb)
    .WithReference(messaging).WaitFor(messaging);

var agenda = builder.AddProject<Projects.EventsAndMeetings>("agenda")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(replicas)
    .WithEnvironment("PublicUrl", publicUrl)
    .WithReference(agendaDb).WaitFor(agendaDb)
    .WithReference(messaging).WaitFor(messaging);

var budget = builder.AddProject<Projects.ParticipatoryBudget>("budget")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(replicas)
    .WithEnvironment("PublicUrl", publicUrl)
    .WithReference(budgetDb).WaitFor(budgetDb)
    .WithReference(messaging).WaitFor(messaging);

var distribution = builder.AddProject<Projects.AgriculturalDistribution>("distribution")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(replicas)
    .WithEnvironment("PublicUrl", publicUrl)
    .WithReference(distributionDb).WaitFor(distributionDb)
    .WithReference(messaging).WaitFor(messaging);

// A subscriber like any other: its own user of the broker reads its own queue, and the services' public feeds are there for everybody.
// One of those who publish makes that user and queue. It has no database of theirs, and waits for none.
var portalPassword = builder.AddParameter("portalpassword", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);
organizations.WithEnvironment("Subscribers__Management", messaging.GetEndpoint("management")).WithEnvironment("Subscribers__Passwords__portal", portalPassword);
var transparency = builder.AddProject<Projects.TransparencyPortal>("transparency")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(replicas)
    .WithEnvironment("PublicUrl", publicUrl)
    .WithEnvironment("PublicStream__Broker", messaging.GetEndpoint("tcp"))
    .WithEnvironment("PublicStream__Password", portalPassword)
    .WithReference(transparencyDb).WaitFor(transparencyDb)
    .WithReference(organizations)
    .WithReference(agenda)
    .WithReference(budget)
    .WithReference(distribution);

// Convocations go out by e-mail where a mail server is named; otherwise they are printed.
if (builder.Configuration["ConnectionStrings:smtp"] is { } smtp)
    agenda.WithEnvironment("ConnectionStrings__smtp", smtp).WithEnvironment("Notices__From", builder.Configuration["Notices:From"]);

// It does not wait for the services: it says in /health what is missing, and a replica that is away is left out.
var gateway = builder.AddProject<Projects.Gateway>("gateway")
    .WithHttpEndpoint(port: port)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReference(organizations)
    .WithReference(agenda)
    .WithReference(budget)
    .WithReference(distribution)
    .WithReference(transparency);

// Whoever runs an identity provider names it; otherwise the system signs its own tokens with a key made on the first start.
var authority = builder.Configuration["Authentication:Authority"];
var signingKey = authority is null
    ? builder.AddParameter("signingkey", new GenerateParameterDefault { MinLength = 64, Special = false }, secret: true, persist: true)
    : null;
foreach (var project in new[] { organizations, agenda, budget, distribution, transparency, gateway })
{
    if (signingKey is null)
        project.WithEnvironment("Authentication__Authority", authority);
    else
        project.WithEnvironment("Authentication__Key", signingKey);
}

builder.Build().Run();
