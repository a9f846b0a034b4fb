/// Evidence that a candidate is worse than a baseline, or is not, from differences that come one by one and
/// may be looked at after each.
package dev.saiki.rollout.evidence;
