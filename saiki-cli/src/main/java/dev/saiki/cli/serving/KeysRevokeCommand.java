package dev.saiki.cli.serving;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.http.key.ApiKeyFile;
import dev.saiki.http.key.ApiKeyFile.StoredKey;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki keys revoke`: removes keys from the file.
@Command(name = "revoke", description = "Remove the keys of a name from the file, or the one with a given hash.")
public final class KeysRevokeCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private KeysFileOption file = new KeysFileOption();

    @Option(names = "--name", paramLabel = "NAME", required = true, description = "The keys' name.")
    private String name = "";

    @Option(
            names = "--hash",
            paramLabel = "DIGITS",
            description = "Only the key whose hash starts with this, as `saiki keys list` shows it (default: all "
                    + "keys of the name).")
    private @Nullable String hash;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    public KeysRevokeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ApiKeyFile keys = file.open();
        if (hash != null && hash.isBlank()) {
            throw new InputException(
                    "--hash must be the beginning of a hash, got nothing; leave it out for all keys of " + name);
        }
        List<StoredKey> removed = keys.revoke(name, Optional.ofNullable(hash));
        if (json) {
            console.out()
                    .println(JsonOutput.line(
                            JsonOutput.object().put("name", name).put("revoked", removed.size())));
            return ExitCode.DONE;
        }
        console.out().println("revoked " + removed.size() + (removed.size() == 1 ? " key of " : " keys of ") + name);
        console.err().println("a server that runs takes them until it is started again");
        if (keys.keys().isEmpty()) {
            console.err().println("no key is left; `saiki serve` refuses a file without one");
        }
        return ExitCode.DONE;
    }
}
