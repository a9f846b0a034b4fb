package dev.saiki.cli.training;

import picocli.CommandLine.Command;

/// The group of the commands about tokenizers.
@Command(name = "tokenizer", description = "Train a byte-level BPE tokenizer.", synopsisSubcommandLabel = "COMMAND")
public final class TokenizerCommand {}
