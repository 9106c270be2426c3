using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ParticipatoryBudget.Cycles;

namespace ProyeccionSocial.ParticipatoryBudget.Data;

internal sealed class BudgetDb(DbContextOptions<BudgetDb> options) : MessagingDbContext(options)
{
    public DbSet<Cycle> Cycles => Set<Cycle>();
    public DbSet<CycleSource> Sources => Set<CycleSource>();
    public DbSet<CycleZone> Zones => Set<CycleZone>();
    public DbSet<ScheduledPhase> Phases => Set<ScheduledPhase>();

    /// <summary>A cycle with its sources, zones and phases.</summary>
    public IQueryable<Cycle> WholeCycles => Cycles.Include(c => c.Sources).Include(c => c.Zones).Include(c => c.Phases).AsSplitQuery();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Cycle>(cycle =>
        {
            cycle.ToTable("budget_cycle").Ignore(c => c.Agreement);
            cycle.HasMany(c => c.Sources).WithOne().HasForeignKey(s => s.CycleId);
            cycle.HasMany(c => c.Zones).WithOne().HasForeignKey(z => z.CycleId);
            cycle.HasMany(c => c.Phases).WithOne().HasForeignKey(p => p.CycleId);
            cycle.Property(c => c.Formula).HasColumnType("jsonb").HasConversion(Json<ShareFormula>());
            cycle.Property(c => c.Rules).HasColumnType("jsonb").HasConversion(Json<CycleRules>());
        });
        modelBuilder.Entity<CycleSource>().ToTable("cycle_source").HasKey(s => new { s.CycleId, s.Number });
        modelBuilder.Entity<CycleZone>().ToTable("cycle_zone").HasKey(z => new { z.CycleId, z.Number });
        modelBuilder.Entity<ScheduledPhase>().ToTable("cycle_phase").HasKey(p => new { p.CycleId, p.Position });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<decimal>().HavePrecision(14, 2);
    }

    private static ValueConverter<T, string> Json<T>() => new(
        value => JsonSerializer.Serialize(value, EventJson.Options), text => JsonSerializer.Deserialize<T>(text, EventJson.Options)!);

    public static ConstraintProblems Constraints { get; } = new()
    {
        ["budget_cycle_year"] = new("cycle_already_exists", "Ese año fiscal ya tiene un ciclo."),
        ["cycle_is_agreed"] = new("cycle_opened", "El ciclo ya se abrió con acuerdo del concejo: su techo, sus zonas y sus fechas ya no cambian."),
    };
}

[DbContext(typeof(BudgetDb)), Migration("20170101000000_Messaging")]
internal sealed class Messaging : MessagingMigration;

[DbContext(typeof(BudgetDb)), Migration("20170101000001_Cycles")]
internal sealed class Cycles : SqlMigration;
