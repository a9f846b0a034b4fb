/// Output, progress and exit codes of commands, and checks of output paths.
package dev.saiki.cli.terminal;
