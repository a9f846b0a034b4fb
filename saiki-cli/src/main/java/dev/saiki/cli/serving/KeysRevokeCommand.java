package dev.saiki.cli.serving;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.http.key.ApiKeyFile;
import dev.saiki.http.key.ApiKeyFile.StoredKey;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki keys revoke`: removes keys from the file.
@Command(name = "revoke")
public final class KeysRevokeCommand extends JsonCommand {

    @Mixin
    private KeysFileOption file = new KeysFileOption();

    @Option(names = "--name", paramLabel = "NAME", required = true)
    private String name = "";

    @Option(names = "--hash", paramLabel = "DIGITS")
    private @Nullable String hash;

    @Override
    protected void run() throws IOException {
        ApiKeyFile keys = file.open();
        if (hash != null && hash.isBlank()) {
            throw new InputException(
                    "--hash must be the beginning of a hash, got nothing; omit it to revoke all keys of " + name);
        }
        List<StoredKey> removed = keys.revoke(name, Optional.ofNullable(hash));
        printLine(() -> JsonOutput.object().put("name", name).put("revoked", removed.size()), () -> {
            println("revoked " + removed.size() + (removed.size() == 1 ? " key of " : " keys of ") + name);
            note("a running server accepts revoked keys until a restart or SIGHUP");
            if (keys.keys().isEmpty()) {
                note("no key is left; `saiki serve` refuses a file without keys");
            }
        });
    }
}
