/// Tests of conversations in the terminal.
@NullMarked
package dev.saiki.cli.chat;

import org.jspecify.annotations.NullMarked;
