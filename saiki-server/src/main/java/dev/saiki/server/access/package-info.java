/// Access control: routes, callers and their limits.
///
/// {@link dev.saiki.server.access.Callers} identifies the caller of a request by its key, and
/// {@link dev.saiki.server.access.RateLimits} enforces the caller's limits. A
/// {@link dev.saiki.server.access.Route} declares the {@link dev.saiki.server.access.Access} that it requires and
/// its {@link dev.saiki.server.access.Metering}: requests outside the engine may be limited, but leave no audit
/// record. A request that runs the engine carries an audit entry, which
/// {@link dev.saiki.server.access.RecordingFilter} stores before the last byte of the answer is sent.
package dev.saiki.server.access;
