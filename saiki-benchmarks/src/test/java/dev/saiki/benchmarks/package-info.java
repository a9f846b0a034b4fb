/// Tests of what measurements count and compare by.
@NullMarked
package dev.saiki.benchmarks;

import org.jspecify.annotations.NullMarked;
