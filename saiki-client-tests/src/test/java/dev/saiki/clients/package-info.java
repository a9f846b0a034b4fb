/// Tests of other clients against the real server with a small model.
@NullMarked
package dev.saiki.clients;

import org.jspecify.annotations.NullMarked;
