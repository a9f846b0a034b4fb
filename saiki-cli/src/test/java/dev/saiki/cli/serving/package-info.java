/// Tests of the commands that serve.
@NullMarked
package dev.saiki.cli.serving;

import org.jspecify.annotations.NullMarked;
