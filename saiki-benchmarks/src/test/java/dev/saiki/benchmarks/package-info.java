/// Soak tests: programs that scripts run for hours, and tests of their parts.
@NullMarked
package dev.saiki.benchmarks;

import org.jspecify.annotations.NullMarked;
