package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.key.ApiKey;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.key.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysCommandTest {

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("new/keys");
    }

    private String add(Object... options) {
        Object[] words = new Object[options.length + 4];
        List<Object> command = List.of("keys", "add", "--api-keys", file());
        System.arraycopy(command.toArray(), 0, words, 0, 4);
        System.arraycopy(options, 0, words, 4, options.length);
        CommandRun run = CommandRun.of(words).succeeds();
        assertThat(run.err()).contains("shown only once");
        return run.out().strip();
    }

    @Test
    void aKeyThatIsAddedOpensTheServerUntilItIsRevoked() throws IOException {
        String team = add("--name", "team", "--role", "operator", "--requests", 60, "--tokens", 1000);
        String other = add("--name", "other");
        assertThat(team).matches("sk-[0-9a-f]{64}").isNotEqualTo(other);
        assertThat(Files.readString(file())).doesNotContain(team, other);
        assertThat(ApiKeys.read(file()).find(team))
                .contains(new ApiKey("team", Role.OPERATOR, OptionalLong.of(60), OptionalLong.of(1000)));
        assertThat(CommandRun.of("keys", "list", "--api-keys", file())
                        .succeeds()
                        .out())
                .containsSubsequence("name", "team", "operator", "60", "1000", "other", "user", "-");

        CommandRun revoked = CommandRun.of("keys", "revoke", "--api-keys", file(), "--name", "team")
                .succeeds();
        assertThat(revoked.out()).isEqualTo("revoked 1 key of team" + System.lineSeparator());
        assertThat(revoked.err()).contains("until a restart or SIGHUP");
        assertThat(ApiKeys.read(file()).find(team)).isEmpty();
        assertThat(ApiKeys.read(file()).find(other)).isPresent();
        assertThat(CommandRun.of("keys", "revoke", "--api-keys", file(), "--name", "other")
                        .succeeds()
                        .err())
                .contains("no key is left");
    }

    @Test
    void oneOfTheKeysOfANameIsRevokedByItsHash() throws IOException {
        String first = add("--name", "team");
        String second = add("--name", "team");
        String hash = CommandRun.of("keys", "list", "--api-keys", file(), "--json")
                .succeeds()
                .out()
                .lines()
                .findFirst()
                .map(line -> line.replaceAll(".*\"hash\":\"([0-9a-f]{64})\".*", "$1"))
                .orElseThrow();
        CommandRun.of("keys", "revoke", "--api-keys", file(), "--name", "team", "--hash", hash.substring(0, 12))
                .succeeds();
        assertThat(ApiKeys.read(file()).find(first)).isEmpty();
        assertThat(ApiKeys.read(file()).find(second)).isPresent();
        CommandRun.of("keys", "revoke", "--api-keys", file(), "--name", "team", "--hash", hash)
                .isRefused("has no key named team whose hash begins with " + hash, "saiki keys list");
        CommandRun.of("keys", "revoke", "--api-keys", file(), "--name", "team", "--hash", "")
                .isRefused("--hash must be the beginning of a hash");
    }

    @Test
    void theFileIsItsOwnersAloneAndKeepsWhatElseItHas() throws IOException {
        add("--name", "team");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        Files.writeString(file(), "# ours\n\n" + Files.readString(file()));
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        add("--name", "other");
        assertThat(Files.readString(file())).startsWith("# ours\n\nteam ");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-r-----");
    }

    @Test
    void whatCannotBeAKeyIsRefused() throws IOException {
        CommandRun.of("keys", "add", "--api-keys", file(), "--name", "a b").isRefused("without spaces", "a b");
        CommandRun.of("keys", "add", "--api-keys", file(), "--name", "#a").isRefused("#a");
        CommandRun.of("keys", "add", "--api-keys", file(), "--name", "a", "--requests", 0)
                .isRefused("requests a minute must be from 1", "got 0");
        CommandRun.of("keys", "add", "--api-keys", file(), "--name", "a", "--role", "admn")
                .isRefused("--role must be one of user, operator, auditor, got admn");
        CommandRun.of("keys", "add", "--api-keys", folder, "--name", "a").isRefused("a file of keys", "a folder");
        CommandRun.of("keys", "list", "--api-keys", file()).isRefused("no such file", "keys add");
        CommandRun.of("keys", "revoke", "--api-keys", file(), "--name", "a").isRefused("the file has no keys");
        assertThat(file()).doesNotExist();
        add("--name", "team");
        CommandRun.of("keys", "revoke", "--api-keys", file(), "--name", "taem").isRefused("did you mean team?");
        Files.writeString(file(), "team secret\n");
        CommandRun.of("keys", "list", "--api-keys", file())
                .isRefused("keys, line 1", "SHA-256", "got a second word of 6 characters; `saiki keys add` writes");
    }
}
