/// Sequential tests and confidence bounds that stay valid however often one looks at them: betting tests of means, and
/// tests of error rates and latency quantiles.
package dev.saiki.evidence;
