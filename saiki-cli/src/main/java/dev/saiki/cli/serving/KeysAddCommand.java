package dev.saiki.cli.serving;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.http.key.ApiKey;
import dev.saiki.http.key.Role;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki keys add`: creates a key, and prints it once.
@Command(name = "add")
public final class KeysAddCommand extends JsonCommand {

    @Mixin
    private KeysFileOption file = new KeysFileOption();

    @Option(names = "--name", paramLabel = "NAME", required = true)
    private String name = "";

    @Option(names = "--role", paramLabel = "ROLE")
    private Role role = Role.USER;

    @Option(names = "--requests", paramLabel = "N")
    private @Nullable Long requests;

    @Option(names = "--tokens", paramLabel = "N")
    private @Nullable Long tokens;

    @Override
    protected void run() throws IOException {
        ApiKey key = new ApiKey(name, role, bound(requests), bound(tokens));
        String made = file.open().add(key, new SecureRandom());
        ObjectNode result = JsonOutput.object()
                .put("name", name)
                .put("role", role.name().toLowerCase(Locale.ROOT))
                .put("key", made);
        printLine(() -> result, () -> {
            println(made);
            note("this is the key of " + name + ", shown only once; " + file.path()
                    + " contains its hash. A running server accepts the key after a restart or SIGHUP.");
        });
    }

    private static OptionalLong bound(@Nullable Long most) {
        return most == null ? OptionalLong.empty() : OptionalLong.of(most);
    }
}
