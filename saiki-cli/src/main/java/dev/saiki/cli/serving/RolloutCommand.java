package dev.saiki.cli.serving;

import picocli.CommandLine.Command;

/// `saiki rollout`: where a gateway stands between two models, and by whose word it moves.
@Command(
        name = "rollout",
        description = "Say where a gateway stands between two models, promote the new one, abort, or pause.")
public final class RolloutCommand {}
