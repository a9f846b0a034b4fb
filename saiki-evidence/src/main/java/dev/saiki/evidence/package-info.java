/// Sequential tests and confidence bounds that stay valid however often the evidence is checked: betting tests of
/// means, and tests of error rates and latency quantiles.
package dev.saiki.evidence;
