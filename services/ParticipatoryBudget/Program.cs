using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Cycles;
using ProyeccionSocial.ParticipatoryBudget.Data;
using ProyeccionSocial.ParticipatoryBudget.Results;
using ProyeccionSocial.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddMessaging<BudgetDb>("budget");
builder.Services.AddSingleton(BudgetDb.Constraints);
builder.Services.AddValidation();
builder.Services.AddServiceOpenApi("Presupuesto participativo");
builder.Services.AddHttpContextAccessor();

var app = builder.Build();
app.UseIdempotency();
app.UseServiceDefaults();
app.MapHealth();
app.MapOpenApi().AllowAnonymous();

var api = app.MapGroup("/v1/budget");
api.MapMessaging();

var cycles = api.MapGroup("/cycles").WithTags("cycles");
cycles.MapWriteCycle();
cycles.MapReadCycles();

api.MapGroup("/recounts").WithTags("results").MapRecounts();

app.Run();
