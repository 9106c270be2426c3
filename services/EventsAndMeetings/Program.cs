using ProyeccionSocial.EventsAndMeetings.Bodies;
using ProyeccionSocial.EventsAndMeetings.Calendar;
using ProyeccionSocial.EventsAndMeetings.Data;
using ProyeccionSocial.EventsAndMeetings.Events;
using ProyeccionSocial.EventsAndMeetings.Files;
using ProyeccionSocial.EventsAndMeetings.InformationRequests;
using ProyeccionSocial.EventsAndMeetings.Meetings;
using ProyeccionSocial.EventsAndMeetings.Minutes;
using ProyeccionSocial.EventsAndMeetings.Newspaper;
using ProyeccionSocial.EventsAndMeetings.Notices;
using ProyeccionSocial.EventsAndMeetings.Plans;
using ProyeccionSocial.EventsAndMeetings.Series;
using ProyeccionSocial.EventsAndMeetings.WorkList;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Feed;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.ServiceDefaults.Files;
using ProyeccionSocial.ServiceDefaults.Http;
using ProyeccionSocial.ServiceDefaults.Security;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddMessaging<AgendaDb>("agenda");
builder.Services.AddSingleton(AgendaDb.Constraints);
builder.Services.AddValidation();
builder.Services.AddServiceOpenApi("Agenda (plan, reuniones y eventos)");
builder.Services.AddHttpContextAccessor();
builder.Services.AddRazorComponents();
builder.Services.AddScoped<MeetingChange>();
builder.Services.AddScoped<PlanStep>();
builder.Services.AddSingleton<CalendarFeed>();
builder.Services.AddScoped<IFileStore, AgendaFiles>();
builder.Services.AddHostedService<WatchAgreements>();
builder.Services.AddHostedService<DropUnusedFiles>();
builder.Services.AddHostedService<HearNews>();
builder.AddNotices();

var app = builder.Build();
app.UseIdempotency();
app.UseServiceDefaults();
app.MapHealth();
app.MapOpenApi().AllowAnonymous();

var api = app.MapGroup("/v1/agenda");
api.MapMessaging();
api.MapPublications(PublicTextAttribute.HasPersonalNumber).Allow("agenda.write", Roles.UnitHead);

var plans = api.MapGroup("/plans").WithTags("plans");
plans.MapImportPlan();
plans.MapWritePlan();
plans.MapAdvancePlan();
plans.MapReadPlans();
plans.MapSetEvidenceRules();
plans.MapKeepEvidence();
plans.MapReportPlan();

api.MapGroup("/files").WithTags("files").MapFiles("agenda", [Roles.Promoter, Roles.UnitHead], ReadPlans.Readers).Idempotent();

var meetings = api.MapGroup("/meetings").WithTags("meetings");
meetings.MapPlanMeeting();
meetings.MapConveneMeeting();
meetings.MapTakeAttendance();
meetings.MapRunMeeting();
meetings.MapReadMeetings();
meetings.MapPrintMeetings();
meetings.MapWriteMinutes();

var events = api.MapGroup("/events").WithTags("events");
events.MapCommunityEvents();
events.MapRegistrations();

api.MapGroup("/meeting-proposals").WithTags("meetings").MapMeetingProposals();
api.MapGroup("/meeting-kinds").WithTags("meetings").MapMeetingKinds();
api.MapFollowAgreements();
api.MapGroup("/people").WithTags("people").MapNoticeAddresses();
api.MapGroup("/editions").WithTags("editions").MapKeepEditions();
api.MapGroup("/information-requests").WithTags("information-requests").MapAnswerRequests();
api.MapServeEditor();
api.MapCalendar();
api.MapAgendaWork();

var pages = api.MapGroup("/public").WithTags("public");
pages.MapPublicMeetings();
pages.MapPublicCalendar();
pages.MapPublicRegistrations();
pages.MapAsk();

api.MapGroup("/series").WithTags("series").MapSeries();
api.MapGroup("/bodies").WithTags("bodies").MapBodies();

app.Run();
