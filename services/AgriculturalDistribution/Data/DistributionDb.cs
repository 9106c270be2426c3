using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ProyeccionSocial.AgriculturalDistribution.Campaigns;
using ProyeccionSocial.AgriculturalDistribution.Days;
using ProyeccionSocial.AgriculturalDistribution.Incidents;
using ProyeccionSocial.AgriculturalDistribution.Roster;
using ProyeccionSocial.AgriculturalDistribution.Stock;
using ProyeccionSocial.Imports;
using ProyeccionSocial.Messaging;
using ProyeccionSocial.Messaging.Http;
using ProyeccionSocial.ServiceDefaults.Http;

namespace ProyeccionSocial.AgriculturalDistribution.Data;

internal sealed class DistributionDb(DbContextOptions<DistributionDb> options) : MessagingDbContext(options)
{
    public DbSet<Campaign> Campaigns => Set<Campaign>();
    public DbSet<Article> Articles => Set<Article>();
    public DbSet<PackageKind> Packages => Set<PackageKind>();
    public DbSet<PackageComponent> Components => Set<PackageComponent>();
    public DbSet<Centre> Centres => Set<Centre>();
    public DbSet<CentreQuota> Quotas => Set<CentreQuota>();
    public DbSet<CentreStaff> Staff => Set<CentreStaff>();

    public DbSet<Incident> Incidents => Set<Incident>();
    public DbSet<DeliveryDay> Days => Set<DeliveryDay>();
    public DbSet<Lot> Lots => Set<Lot>();
    public DbSet<StockEntry> Entries => Set<StockEntry>();
    public DbSet<StockBalance> Balances => Set<StockBalance>();

    /// <summary>A campaign with its packages and centres.</summary>
    public IQueryable<Campaign> WholeCampaigns =>
        Campaigns.Include(c => c.Articles).Include(c => c.Packages).ThenInclude(p => p.Components).Include(c => c.Centres).ThenInclude(c => c.Quotas).Include(c => c.Centres).ThenInclude(c => c.Staff).AsSplitQuery();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Campaign>(campaign =>
        {
            campaign.ToTable("campaign").Property(c => c.Rules).HasColumnType("jsonb").HasConversion(Json<CampaignRules>());
            campaign.HasMany(c => c.Articles).WithOne().HasForeignKey(a => a.CampaignId);
            campaign.HasMany(c => c.Packages).WithOne().HasForeignKey(p => p.CampaignId);
            campaign.HasMany(c => c.Centres).WithOne().HasForeignKey(c => c.CampaignId);
        });
        modelBuilder.Entity<Article>().ToTable("article").HasKey(a => new { a.CampaignId, a.Number });
        modelBuilder.Entity<PackageKind>(package =>
        {
            package.ToTable("package_kind").HasKey(p => new { p.CampaignId, p.Number });
            package.HasMany(p => p.Components).WithOne().HasForeignKey(c => new { c.CampaignId, c.Package });
        });
        modelBuilder.Entity<PackageComponent>(component =>
        {
            component.ToTable("package_component").HasKey(c => new { c.CampaignId, c.Package, c.Article });
            component.HasOne<Article>().WithMany().HasForeignKey(c => new { c.CampaignId, c.Article });
        });
        modelBuilder.Entity<Centre>(centre =>
        {
            centre.ToTable("centre").HasKey(c => new { c.CampaignId, c.Number });
            centre.Property(c => c.Place).HasColumnType("jsonb").HasConversion(Json<PlaceContent>());
            centre.HasMany(c => c.Quotas).WithOne().HasForeignKey(q => new { q.CampaignId, q.Centre });
            centre.HasMany(c => c.Staff).WithOne().HasForeignKey(s => new { s.CampaignId, s.Centre });
        });
        modelBuilder.Entity<CentreQuota>(quota =>
        {
            quota.ToTable("centre_quota").HasKey(q => new { q.CampaignId, q.Centre, q.Package });
            quota.HasOne<PackageKind>().WithMany().HasForeignKey(q => new { q.CampaignId, q.Package });
        });
        modelBuilder.Entity<Incident>().ToTable("incident");
        modelBuilder.Entity<Incident>().HasOne(i => i.Outsider).WithMany().HasForeignKey("OutsiderId");
        modelBuilder.Entity<Outsider>().ToTable("outsider").Property(o => o.Id).ValueGeneratedNever();
        modelBuilder.Entity<DeliveryDay>().ToTable("delivery_day");
        modelBuilder.Entity<Lot>().ToTable("lot").HasKey(l => new { l.CampaignId, l.Number });
        modelBuilder.Entity<Lot>().HasOne<Article>().WithMany().HasForeignKey(l => new { l.CampaignId, l.Article });
        modelBuilder.Entity<StockEntry>(entry =>
        {
            entry.ToTable("stock_entry").Property(e => e.Id).ValueGeneratedNever();
            entry.Property(e => e.Quantity).HasPrecision(12, 2);
        });
        modelBuilder.Entity<StockBalance>(balance =>
        {
            balance.ToTable("stock_balance").HasKey(b => new { b.CampaignId, b.Centre, b.Lot });
            foreach (var quantity in balance.Metadata.GetProperties().Where(p => p.ClrType == typeof(decimal)))
                quantity.SetPrecision(12);
        });
        modelBuilder.Entity<CentreStaff>().ToTable("centre_staff").HasKey(s => new { s.CampaignId, s.Centre, s.Subject });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<decimal>().HavePrecision(10, 2);
    }

    private static ValueConverter<T, string> Json<T>() => new(
        value => JsonSerializer.Serialize(value, EventJson.Options), text => JsonSerializer.Deserialize<T>(text, EventJson.Options)!);

    public static ConstraintProblems Constraints { get; } = new()
    {
        ["campaign_name"] = new("campaign_already_exists", "Ya hay una campaña con ese nombre."),
        ["delivery_day_once"] = new("day_already_scheduled", "Ese centro ya tiene una jornada ese día."),
        ["lot_campaign_id_article_fkey"] = new("stock_names_articles", "Ya hay lotes de ese artículo: puede llamarse de otro modo, no quitarse."),
        ["lot_code"] = new("lot_already_exists", "Ese lote del artículo ya está anotado."),
        ["nobody_gets_more"] = new("more_than_due", "Con esto la persona recibiría más de lo que lleva el paquete."),
        ["closed_centre_stays"] = new("centre_closed", "El centro ya cerró su acta: sus existencias ya no se mueven."),
        ["receipt_pkey"] = new("receipt_differs", "Ya hay otro comprobante con ese identificador."),
        ["entitlement_pkey"] = new("already_approved", "De ese paquete ya se aprobó una reposición para esa persona."),
        ["stock_not_negative"] = new("not_enough_stock", "El centro no tiene tanto de ese lote."),
        ["roster_is_the_owners"] = new("roster_is_the_owners", "El padrón es de quien lo entrega: se importa, no se edita. Anote una incidencia."),
    };
}

[DbContext(typeof(DistributionDb)), Migration("20170101000000_Messaging")]
internal sealed class Messaging : MessagingMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000001_Imports")]
internal sealed class Imports : ImportsMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000002_Campaigns")]
internal sealed class Campaigns : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000003_Roster")]
internal sealed class Roster : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000004_Stock")]
internal sealed class Stock : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000005_Coverage")]
internal sealed class Coverage : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000006_Entitlements")]
internal sealed class Entitlements : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000007_Days")]
internal sealed class Days : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000008_Summonses")]
internal sealed class Summonses : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000009_Deliveries")]
internal sealed class Deliveries : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000010_Closings")]
internal sealed class Closings : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000011_Devices")]
internal sealed class Devices : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000012_Lists")]
internal sealed class Lists : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000013_Decisions")]
internal sealed class Decisions : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000014_Differences")]
internal sealed class Differences : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000015_Claims")]
internal sealed class Claims : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000016_Questions")]
internal sealed class Questions : SqlMigration;

[DbContext(typeof(DistributionDb)), Migration("20170101000017_Publications")]
internal sealed class Publications : PublicationsMigration;
