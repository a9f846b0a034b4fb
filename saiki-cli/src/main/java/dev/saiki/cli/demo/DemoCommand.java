package dev.saiki.cli.demo;

import picocli.CommandLine.Command;

/// The group of the demonstrations.
@Command(name = "demo", description = "Show in some minutes what Saiki is for.", synopsisSubcommandLabel = "COMMAND")
public final class DemoCommand {}
