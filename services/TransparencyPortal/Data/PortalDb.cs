using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ProyeccionSocial.Messaging;

namespace ProyeccionSocial.TransparencyPortal.Data;

/// <summary>What the portal heard. Everything is read and written in SQL, because it is written in sets and read as it stands.</summary>
internal sealed class PortalDb(DbContextOptions<PortalDb> options) : DbContext(options);

[DbContext(typeof(PortalDb)), Migration("20170101000000_History")]
internal sealed class History : SqlMigration;

[DbContext(typeof(PortalDb)), Migration("20170101000001_Places")]
internal sealed class Places : SqlMigration;

[DbContext(typeof(PortalDb)), Migration("20170101000002_Live")]
internal sealed class Live : SqlMigration;

[DbContext(typeof(PortalDb)), Migration("20170101000003_Communities")]
internal sealed class Communities : SqlMigration;
