/// Tests of the command line through its entry point.
@NullMarked
package dev.saiki.cli;

import org.jspecify.annotations.NullMarked;
