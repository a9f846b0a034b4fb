package dev.saiki.cli.serving;

import picocli.CommandLine.Command;

/// `saiki keys`: the keys that open a server.
@Command(
        name = "keys",
        description = "Make, list and revoke the keys of `saiki serve --api-keys`. The file has their hashes only; a"
                + " server reads it when it starts.")
public final class KeysCommand {}
