/// What is kept of every request: on disk before it is answered, then in a database.
///
/// {@link dev.saiki.server.audit.AuditTrail} appends each {@link dev.saiki.server.audit.AuditRecord} to a
/// {@link dev.saiki.server.audit.Spool}, where threads that wait for the disk share one force, and moves it
/// from there, on a thread of its own, into an {@link dev.saiki.server.audit.AuditDatabase}, whose schema
/// is the steps of {@link dev.saiki.server.audit.Migrations}. A few threads of its own ask it questions,
/// for JDBC blocks them. Records have ids, so one that is moved twice is there once; orders to erase are
/// kept, so one that is moved late is erased too.
package dev.saiki.server.audit;
