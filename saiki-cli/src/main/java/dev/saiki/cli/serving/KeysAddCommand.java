package dev.saiki.cli.serving;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.http.key.ApiKey;
import dev.saiki.http.key.Role;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki keys add`: makes a key, and prints it the only time.
@Command(
        name = "add",
        description = "Make a key, print it, and write its hash into the file, which is made if there is none. The key"
                + " is not kept: who loses it needs another.")
public final class KeysAddCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private KeysFileOption file = new KeysFileOption();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            description = "Whose key it is, in logs and in the audit; several keys may have one name.")
    private String name = "";

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            description =
                    "user asks the model, operator also watches and steers the server, auditor reads the audit and"
                            + " asks nothing (default: user).")
    private Role role = Role.USER;

    @Option(names = "--requests", paramLabel = "N", description = "Most requests a minute (default: no bound).")
    private @Nullable Long requests;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Most tokens of prompts and answers a minute (default: no bound).")
    private @Nullable Long tokens;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    public KeysAddCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ApiKey key = new ApiKey(name, role, bound(requests), bound(tokens));
        String made = file.open().add(key, new SecureRandom());
        if (json) {
            console.out()
                    .println(JsonOutput.line(JsonOutput.object()
                            .put("name", name)
                            .put("role", role.name().toLowerCase(Locale.ROOT))
                            .put("key", made)));
        } else {
            console.out().println(made);
            console.err()
                    .println("the key of " + name + ", shown this once; " + file.path()
                            + " has its hash. A server that runs knows it after a restart.");
        }
        return ExitCode.DONE;
    }

    private static OptionalLong bound(@Nullable Long most) {
        return most == null ? OptionalLong.empty() : OptionalLong.of(most);
    }
}
