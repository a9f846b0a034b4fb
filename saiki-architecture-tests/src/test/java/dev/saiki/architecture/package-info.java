/// Rules over all modules, and the tests that the documents name only what exists.
@NullMarked
package dev.saiki.architecture;

import org.jspecify.annotations.NullMarked;
