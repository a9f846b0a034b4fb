/// The audit: a record of every request that runs the engine, on disk before the request is answered, and later in
/// a database.
///
/// {@link dev.saiki.server.audit.AuditTrail} appends each {@link dev.saiki.server.audit.AuditRecord} to a
/// {@link dev.saiki.server.audit.Spool}, where concurrent appends share one sync to disk. A separate thread moves
/// the record from the spool into an {@link dev.saiki.server.audit.AuditDatabase}, whose schema is defined by
/// {@link dev.saiki.server.audit.Migrations}. Queries run on a few threads of their own, because JDBC calls block
/// their threads. Records have ids, so that a record that is moved twice is stored once. Erasure orders are
/// stored, so that they also erase earlier records that are moved later.
package dev.saiki.server.audit;
