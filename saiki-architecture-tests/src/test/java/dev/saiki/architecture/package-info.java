/// Rules for all modules, and tests that documents name only what exists.
@NullMarked
package dev.saiki.architecture;

import org.jspecify.annotations.NullMarked;
