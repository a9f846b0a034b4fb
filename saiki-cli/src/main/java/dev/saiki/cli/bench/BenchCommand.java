package dev.saiki.cli.bench;

import picocli.CommandLine.Command;

/// Holds the measurements.
@Command(
        name = "bench",
        description = "Measure the engine on this machine, and the server before it.",
        synopsisSubcommandLabel = "COMMAND")
public final class BenchCommand {}
