/// Tests of the load for a server.
@NullMarked
package dev.saiki.cli.load;

import org.jspecify.annotations.NullMarked;
