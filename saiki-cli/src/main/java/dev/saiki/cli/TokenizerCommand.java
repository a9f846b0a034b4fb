package dev.saiki.cli;

import picocli.CommandLine.Command;

/// Holds the commands about tokenizers.
@Command(name = "tokenizer", description = "Train a byte-level BPE tokenizer.", synopsisSubcommandLabel = "COMMAND")
final class TokenizerCommand {}
