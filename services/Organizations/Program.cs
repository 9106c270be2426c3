using ProyeccionSocial.Imports;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Boards;
using ProyeccionSocial.Organizations.Books;
using ProyeccionSocial.Organizations.Committees;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.Documents;
using ProyeccionSocial.Organizations.Imports;
using ProyeccionSocial.Organizations.Members;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.Organizations.Places;
using ProyeccionSocial.Organizations.Statistics;
using ProyeccionSocial.Organizations.WorkList;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddMessaging<OrganizationsDb>("organizations");
builder.Services.AddSingleton(OrganizationsDb.Constraints);
builder.Services.AddValidation();
builder.Services.AddServiceOpenApi("Organizaciones");
builder.Services.AddRazorComponents();
builder.Services.AddHttpContextAccessor();
builder.Services.AddScoped<AssociationChange>();
builder.Services.AddScoped<CommitteeChange>();
builder.Services.AddSingleton<IFileImport, ImportPlaces>();
builder.Services.AddSingleton<IFileImport, ImportMembers>();
builder.Services.AddImports();
builder.Services.AddHostedService<WatchDeadlines>();

var app = builder.Build();
app.UseIdempotency();
app.UseServiceDefaults();
app.MapHealth();
app.MapOpenApi().AllowAnonymous();

var api = app.MapGroup("/v1/organizations");
api.MapMessaging();
api.MapPublications(PublicTextAttribute.HasPersonalNumber).Allow("organizations.write", Roles.UnitHead);

var places = api.MapGroup("/places").WithTags("places");
places.MapImports<ImportPlaces>();
places.MapListPlaces();
places.MapLocatePlace();

var people = api.MapGroup("/people").WithTags("people");
people.MapWritePerson();
people.MapReadPerson();
people.MapMergePeople();
people.MapAffiliations();

api.MapGroup("/members").WithTags("members").MapImports<ImportMembers>();
api.MapRulesets();

var associations = api.MapGroup("/associations").WithTags("associations");
associations.MapReadAssociations();
associations.MapRegisterAssociation();
associations.MapMembers();
associations.MapConstituteAssociation();
associations.MapApplyForRecognition();
associations.MapResolveApplication();
associations.MapEnterInRegister();
associations.MapPublishAssociation();
associations.MapKeepAssociation();
associations.MapEndAssociation();

var boards = api.MapGroup("/associations").WithTags("boards");
boards.MapReadBoards();
boards.MapElectBoard();
boards.MapReplaceHolder();
boards.MapReportBoard();
boards.MapIssueCredential();

api.MapGroup("/associations").WithTags("books").MapKeepBooks();
api.MapGroup("/register-books").WithTags("books").MapRegisterBooks();
api.MapGroup("/associations").WithTags("documents").MapDocuments();
api.MapPrintAndVerify();

var committees = api.MapGroup("/committees").WithTags("committees");
committees.MapReadCommittees();
committees.MapCommitteeKinds();
committees.MapFormCommittee();
committees.MapChangeMembers();

api.MapWorkList();
api.MapStatistics();

app.Run();
