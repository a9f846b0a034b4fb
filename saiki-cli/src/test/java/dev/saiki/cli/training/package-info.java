/// Tests of a training's display.
@NullMarked
package dev.saiki.cli.training;

import org.jspecify.annotations.NullMarked;
