package dev.saiki.cli.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ServeConfigTest {

    @TempDir
    private Path folder;

    private static CommandLine serve() {
        return new CommandLine(new ServeCommand()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    private List<String> expanded(String yaml, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("serve.yaml"), yaml);
        List<String> words = new ArrayList<>(List.of("serve", "--config", file.toString()));
        words.addAll(List.of(more));
        return ServeConfig.expand(words, serve());
    }

    @Test
    void keysBecomeOptions() throws IOException {
        assertThat(expanded("port: 81\nadmin: true\naccess-log: false\nmodel: {a: /m/a, b: /m/b}\nmax-waiting: null\n"))
                .startsWith("serve", "--port=81", "--admin", "--model=a=/m/a", "--model=b=/m/b", "--config")
                .hasSize(7);
        assertThat(expanded("model: [x, y]\n")).contains("--model=x", "--model=y");
    }

    @Test
    void theCommandLineWins() throws IOException {
        assertThat(expanded("port: 81\nmodel: x\n", "--port", "82", "--model=z"))
                .doesNotContain("--port=81", "--model=x")
                .endsWith("--port", "82", "--model=z");
    }

    @Test
    void mistakesAreNamedTogether() {
        assertThatThrownBy(() -> expanded("prot: 81\nconfig: x\nadmin: 3\nport: [1]\n"))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(
                        "serve.yaml",
                        "unknown key prot; did you mean port?",
                        "unknown key config",
                        "admin must be true or false, got 3",
                        "port must be a single value");
        // An empty template variable must not start a server without its intended keys.
        assertThatThrownBy(() -> expanded("api-keys: \"\"\n"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("api-keys must be a single value that is not empty");
        assertThatThrownBy(() -> ServeConfig.expand(List.of("serve", "--config=none.yaml"), serve()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none.yaml");
    }

    @Test
    void theExampleIsTakenWithEachKeyItShows() throws IOException {
        String example = ServeHelp.example().lines().skip(2).reduce("", (before, line) -> before + line + "\n");
        serve().parseArgs(expanded(example).stream().skip(1).toArray(String[]::new));
        String all = example.replaceAll("(?m)^# ([a-z-]+:.*)$", "$1").replaceAll("(?m)^#  ( legal:.*)$", " $1");
        assertThat(expanded(all)).contains("--api-keys=/etc/saiki/keys", "--adapter=legal=/models/legal-adapter");
    }
}
