package dev.saiki.cli.training;

import picocli.CommandLine.Command;

/// The group of the commands about training data.
@Command(
        name = "data",
        description = "Turn text into token shards, or write problems of known difficulty.",
        synopsisSubcommandLabel = "COMMAND")
public final class DataCommand {}
