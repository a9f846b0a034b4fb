/// Evidence that a mean is above a bound, from numbers that come one by one and may be looked at after
/// each.
package dev.saiki.server.evidence;
