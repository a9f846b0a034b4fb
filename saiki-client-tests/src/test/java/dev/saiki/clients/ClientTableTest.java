package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Compares the table in `docs/clients.md` with the tests from which its rows are made.
@Tag("clients")
class ClientTableTest {

    private static final List<Class<?>> IN_JAVA = List.of(
            OpenAiJavaTest.class,
            LangChain4jTest.class,
            SpringAiTest.class,
            SimpleOpenAiTest.class,
            AzureOpenAiTest.class,
            AnthropicJavaTest.class);

    private static final Pattern PACKAGES = Pattern.compile("packages: \\[(.*)]");

    @Test
    void clientsInJavaAreThereWithWhatTheirTestsShow() throws IOException {
        assertThat(ClientTable.lines())
                .containsAll(IN_JAVA.stream().map(ClientTable::row).toList());
    }

    /// The features of these clients are tested where the clients are installed.
    @Test
    void clientsInJavaScriptAreThereWithTheVersionsThatTheLockFileNames() throws IOException {
        List<String> lines = ClientTable.lines();
        for (String name : NodeClients.names().toList()) {
            String script =
                    Files.readString(ClientTable.SCRIPTS.resolve("clients").resolve(name + ".mjs"));
            Matcher packages = PACKAGES.matcher(script);
            assertThat(packages.find()).as(name).isTrue();
            String versions = ClientTable.versions(
                    Stream.of(packages.group(1).replace("\"", "").split(", ")).toList());
            assertThat(lines).as(name).anyMatch(line -> line.startsWith("| " + versions + " | "));
        }
        assertThat(lines).hasSize(IN_JAVA.size() + (int) NodeClients.names().count());
    }
}
