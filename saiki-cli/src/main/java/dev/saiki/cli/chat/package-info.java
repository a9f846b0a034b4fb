/// Conversations in the terminal.
package dev.saiki.cli.chat;
