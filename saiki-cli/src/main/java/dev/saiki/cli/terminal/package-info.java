/// Results, progress and exit codes of commands, and the paths that they write to.
package dev.saiki.cli.terminal;
