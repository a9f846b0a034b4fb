/// Sequential tests and confidence bounds that stay valid however often the evidence is checked: betting tests of a
/// gate's mean and of a drift, and bounds on means, ratios and rates.
package dev.saiki.evidence;
