package dev.saiki.cli;

import picocli.CommandLine.Command;

/// Holds the commands about training data.
@Command(name = "data", description = "Turn text into token shards.", synopsisSubcommandLabel = "COMMAND")
final class DataCommand {}
