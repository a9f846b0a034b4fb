/// Tests of the commands that serve, and of how the plan of a gateway is read.
@NullMarked
package dev.saiki.cli.serving;

import org.jspecify.annotations.NullMarked;
