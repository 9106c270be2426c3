using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.Organizations.Associations;
using ProyeccionSocial.Organizations.Committees;
using ProyeccionSocial.Organizations.Data;
using ProyeccionSocial.Organizations.People;
using ProyeccionSocial.Organizations.Places;
using ProyeccionSocial.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddMessaging<OrganizationsDb>("organizations");
builder.Services.AddSingleton(OrganizationsDb.Constraints);
builder.Services.AddValidation();
builder.Services.AddServiceOpenApi("Organizaciones");
builder.Services.AddHttpContextAccessor();
builder.Services.AddScoped<AssociationChange>();
builder.Services.AddSingleton<ImportWorker>();
builder.Services.AddHostedService(services => services.GetRequiredService<ImportWorker>());
builder.Services.AddHostedService<WatchDeadlines>();

var app = builder.Build();
app.UseIdempotency();
app.UseServiceDefaults();
app.MapHealth();
app.MapOpenApi().AllowAnonymous();

var api = app.MapGroup("/v1/organizations");
api.MapMessaging();

var places = api.MapGroup("/places").WithTags("places");
places.MapImportPlaces();
places.MapListPlaces();

var people = api.MapGroup("/people").WithTags("people");
people.MapRegisterPerson();
people.MapReadPerson();

var associations = api.MapGroup("/associations").WithTags("associations");
associations.MapRegisterAssociation();
associations.MapMembers();
associations.MapConstituteAssociation();
associations.MapApplyForRecognition();
associations.MapResolveApplication();
associations.MapEnterInRegister();
associations.MapPublishAndActivate();
associations.MapReadAssociations();

api.MapGroup("/committees").WithTags("committees").MapCommittees();

app.Run();
