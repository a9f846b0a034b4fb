/// Who may ask for what: routes, callers and their limits.
///
/// {@link dev.saiki.server.access.Callers} tells by its key who makes a request, and
/// {@link dev.saiki.server.access.RateLimits} whether that one has asked enough. A
/// {@link dev.saiki.server.access.Route} says what {@link dev.saiki.server.access.Access} it needs, and by
/// its {@link dev.saiki.server.access.Metering} what it is counted for: what needs no engine is limited
/// too, and leaves no record. What happens to a request that makes the engine work is told to the audit
/// entry that it carries, which {@link dev.saiki.server.access.RecordingFilter} keeps;
/// {@link dev.saiki.server.access.RecordedExchange} has it kept before the last byte of the answer.
package dev.saiki.server.access;
