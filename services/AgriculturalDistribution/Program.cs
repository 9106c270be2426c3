using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Closings;
using ProyeccionSocial.AgriculturalDistribution.Coverage;
using ProyeccionSocial.AgriculturalDistribution.Data;
using ProyeccionSocial.AgriculturalDistribution.Days;
using ProyeccionSocial.AgriculturalDistribution.Deliveries;
using ProyeccionSocial.AgriculturalDistribution.Devices;
using ProyeccionSocial.AgriculturalDistribution.Entitlements;
using ProyeccionSocial.AgriculturalDistribution.Incidents;
using ProyeccionSocial.AgriculturalDistribution.Reports;
using ProyeccionSocial.AgriculturalDistribution.Roster;
using ProyeccionSocial.AgriculturalDistribution.Stock;
using ProyeccionSocial.AgriculturalDistribution.Summonses;
using ProyeccionSocial.Imports;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddMessaging<DistributionDb>("distribution");
builder.Services.AddSingleton(DistributionDb.Constraints);
builder.Services.AddValidation();
builder.Services.AddServiceOpenApi("Distribución agrícola");
builder.Services.AddRazorComponents();
builder.Services.AddHttpContextAccessor();
builder.Services.AddScoped<PersonalReads>();
builder.Services.AddSingleton<Counter>();
builder.Services.AddImports();
builder.Services.AddSingleton<IFileImport, ImportRoster>();
builder.Services.AddHostedService<ForgetFiles>();
builder.Services.AddHostedService<TellDays>();

var app = builder.Build();
app.UseIdempotency();
app.UseServiceDefaults();
app.MapHealth();
app.MapOpenApi().AllowAnonymous();

var api = app.MapGroup("/v1/distribution");
api.MapMessaging();
api.MapPublications(PublicTextAttribute.HasPersonalNumber).Allow("distribution.write", Roles.UnitHead);

var campaigns = api.MapGroup("/campaigns").WithTags("campaigns");
campaigns.MapWriteCampaign();
campaigns.MapReadCampaigns();
campaigns.MapSetStaff();
campaigns.MapApproveCampaign();
campaigns.MapCloseCentre();
campaigns.MapEndCampaign();
api.MapGroup("/campaigns").WithTags("reports").MapReportDeliveries();
api.MapGroup("/campaigns").WithTags("roster").MapRosterImports();
api.MapReadAudit();
var coverage = api.MapGroup("/campaigns").WithTags("coverage");
coverage.MapWatchCoverage();
coverage.MapReportIncident();

var days = api.MapGroup("/campaigns").WithTags("days");
days.MapScheduleDays();
days.MapSummonPeople();
days.MapPrintSummonses();
days.MapCloseDay();

var stock = api.MapGroup("/campaigns").WithTags("stock");
stock.MapKeepStock();
stock.MapReadStock();

var receipts = api.MapGroup("/campaigns").WithTags("receipts");
receipts.MapFindPerson();
receipts.MapRecordReceipt();
receipts.MapReadReceipts();
receipts.MapDecideReceipt();
receipts.MapApproveReplacement();
receipts.MapHouseholdWarnings();

var devices = api.MapGroup("/devices").WithTags("devices");
devices.MapRegisterDevice();
devices.MapIssueList();
devices.MapUploadJournal();
api.MapServeClient();

var pages = api.MapGroup("/public").WithTags("public");
pages.MapPublicNotice();
pages.MapPublicReceipts();
pages.MapSigningKey();

app.Run();
