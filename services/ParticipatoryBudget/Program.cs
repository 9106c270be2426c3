using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Accountability;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Files;
using ProyeccionSocial.ParticipatoryBudget.Oversight;
using ProyeccionSocial.ParticipatoryBudget.Pages;
using ProyeccionSocial.ParticipatoryBudget.Projects;
using ProyeccionSocial.ParticipatoryBudget.Proposals;
using ProyeccionSocial.ParticipatoryBudget.Results;
using ProyeccionSocial.ParticipatoryBudget.Voting;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Files;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddMessaging<BudgetDb>("budget");
builder.Services.AddSingleton(BudgetDb.Constraints);
builder.Services.AddValidation();
builder.Services.AddServiceOpenApi("Presupuesto participativo");
builder.Services.AddHttpContextAccessor();
builder.Services.AddOutputCache();
builder.Services.AddRazorComponents();
builder.Services.AddScoped<IFileStore, BudgetFiles>();
builder.Services.AddScoped<ProposalChange>();
builder.Services.AddScoped<ProjectChange>();
builder.Services.AddHostedService<DropUnusedFiles>();
builder.Services.AddHostedService<ShakeUrns>();
builder.Services.AddHostedService<WatchFindings>();

var app = builder.Build();
app.UseIdempotency();
app.UseServiceDefaults();
app.UseOutputCache();
app.MapHealth();
app.MapOpenApi().AllowAnonymous();

var api = app.MapGroup("/v1/budget");
api.MapMessaging();
api.MapPublications(PublicTextAttribute.HasPersonalNumber).Allow("budget.write", Roles.UnitHead);

var cycles = api.MapGroup("/cycles").WithTags("cycles");
cycles.MapWriteCycle();
cycles.MapReadCycles();

cycles.MapBallotPaper();
cycles.MapPollingPlaces();
cycles.MapCastBallot();
cycles.MapResults();

api.MapWriteProposal();
api.MapAssessProposal();
api.MapGroup("/proposals").WithTags("proposals").MapReadProposals();
api.MapRunProject();
var projects = api.MapGroup("/projects").WithTags("projects");
projects.MapSpendOnProject();
projects.MapReadProjects();
projects.MapAuditProject();
api.MapGroup("/files").WithTags("files").MapFiles("budget", [.. WriteProposal.Writers, Roles.Oversight, Roles.Finance], ReadCycles.Staff).Idempotent();

cycles.MapGiveAccounts();
var pages = api.MapGroup("/public").WithTags("public");
pages.MapPublicPages();
pages.MapPublicAccounts();
api.MapGroup("/recounts").WithTags("results").MapRecounts();

app.Run();
