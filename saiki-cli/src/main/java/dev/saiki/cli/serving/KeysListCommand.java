package dev.saiki.cli.serving;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.http.key.ApiKey;
import dev.saiki.http.key.ApiKeyFile.StoredKey;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

/// `saiki keys list`: lists the keys.
@Command(name = "list")
public final class KeysListCommand extends JsonCommand {

    private static final String ROW = "%-24s  %-9s  %14s  %14s  %s%n";

    /// Enough digits of a hash to identify it.
    private static final int SHOWN_DIGITS = 12;

    @Mixin
    private KeysFileOption file = new KeysFileOption();

    @Override
    protected void run() throws IOException {
        if (!Files.exists(file.path())) {
            throw new InputException(
                    file.path() + ": no such file; `saiki keys add` creates it" + Suggestions.forMissing(file.path()));
        }
        List<StoredKey> keys = file.open().keys();
        printLines(keys.stream().map(KeysListCommand::json), () -> {
            printf(ROW, "name", "role", "requests/min", "tokens/min", "hash");
            keys.forEach(this::print);
        });
    }

    private void print(StoredKey stored) {
        ApiKey key = stored.key();
        printf(
                ROW,
                key.name(),
                key.role().name().toLowerCase(Locale.ROOT),
                bound(key.requestsAMinute()),
                bound(key.tokensAMinute()),
                stored.hash().substring(0, SHOWN_DIGITS));
    }

    private static String bound(OptionalLong most) {
        return most.isPresent() ? String.valueOf(most.getAsLong()) : "-";
    }

    private static ObjectNode json(StoredKey stored) {
        ApiKey key = stored.key();
        ObjectNode line = JsonOutput.object();
        line.put("name", key.name());
        line.put("role", key.role().name().toLowerCase(Locale.ROOT));
        key.requestsAMinute().ifPresent(most -> line.put("requests", most));
        key.tokensAMinute().ifPresent(most -> line.put("tokens", most));
        line.put("hash", stored.hash());
        return line;
    }
}
