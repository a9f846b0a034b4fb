/// Tests of what a training shows.
@NullMarked
package dev.saiki.cli.training;

import org.jspecify.annotations.NullMarked;
