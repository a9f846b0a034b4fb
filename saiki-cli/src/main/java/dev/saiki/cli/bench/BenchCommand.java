package dev.saiki.cli.bench;

import picocli.CommandLine.Command;

/// The group of the commands that measure.
@Command(
        name = "bench",
        description = "Measure the engine on this machine, and the server before it.",
        synopsisSubcommandLabel = "COMMAND")
public final class BenchCommand {}
