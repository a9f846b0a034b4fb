/// The `saiki` command, its error handling, and the commands `doctor`, `completion`, `help` and `version`. Each
/// other subcommand is a class in one of the packages below; it parses its options, calls a library and prints.
///
/// Results go to standard output, everything else (progress, warnings, errors) to standard error. {@link
/// dev.saiki.cli.Saiki#run} is the entry point for tests and for {@link dev.saiki.cli.Main}; it never ends the process.
package dev.saiki.cli;
