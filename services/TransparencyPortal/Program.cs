using System.Text.Encodings.Web;
using System.Text.Unicode;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.ServiceDefaults;
using ProyeccionSocial.TransparencyPortal.Data;
using ProyeccionSocial.TransparencyPortal.Developers;
using ProyeccionSocial.TransparencyPortal.Events;
using ProyeccionSocial.TransparencyPortal.History;
using ProyeccionSocial.TransparencyPortal.Pages;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase<PortalDb>("transparency");
builder.Services.AddValidation();
builder.Services.AddServiceOpenApi("Portal de transparencia");
builder.Services.AddRazorComponents();
builder.Services.AddOutputCache(options => options.AddPolicy(KeptPages.Name, policy => policy.AddPolicy<KeptPages>(), excludeDefaultPolicy: true));
builder.Services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All)); // Spanish as it is, not as character references.
builder.Services.AddHttpClient<FeedClient>(client => client.Timeout = TimeSpan.FromSeconds(20));
builder.Services.AddOptions<PublicStreamOptions>().BindConfiguration("PublicStream");
builder.Services.AddSingleton<KeepEvents>();
builder.Services.AddHostedService<EventIndex>();
builder.Services.AddSingleton<FreshNews>();
builder.Services.AddHostedService(services => services.GetRequiredService<FreshNews>());
builder.Services.AddHostedService<FollowFeeds>();
builder.Services.AddSingleton<HearEvents>();
builder.Services.AddHostedService(services => services.GetRequiredService<HearEvents>());
builder.Services.AddHealthChecks().AddCheck<HearEvents>("stream");

var app = builder.Build();
app.UseServiceDefaults();
app.UseOutputCache();
app.MapHealth();
app.MapOpenApi().AllowAnonymous();

var api = app.MapGroup("/v1/transparency");
api.MapHistory();
api.MapVerification();
api.MapArchives();
api.MapOpenData();
api.MapPlaceData();
api.MapCatalogue();
api.MapLiveNews();
api.MapContract();

var pages = app.MapGroup("").WithTags("pages").CacheOutput(KeptPages.Name);
pages.MapPortalPages();
pages.MapPlaces();
pages.MapOtherPages();
pages.MapAtom();
app.Run();
