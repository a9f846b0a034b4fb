package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The clients in `docs/serve.md`: the page's Java code must equal code in the client tests, and its curl calls
/// are run.
class ServePageTest {

    private static final Path SOURCES = Path.of("src/test/java/dev/saiki/clients");
    private static final Pattern FENCE = Pattern.compile("^```(\\w*)\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);

    @TempDir
    private Path folder;

    /// The fenced blocks of the page.
    private static List<String> blocks(String language) throws IOException {
        String page = Files.readString(Path.of("../docs/serve.md"));
        List<String> blocks = new ArrayList<>();
        Matcher fence = FENCE.matcher(page);
        while (fence.find()) {
            if (fence.group(1).equals(language)) {
                blocks.add(fence.group(2));
            }
        }
        return blocks;
    }

    /// Code without its comments and spaces.
    private static String squeezed(String code) {
        return code.replaceAll("(?m)//.*$", "").replaceAll("\\s", "");
    }

    @Test
    void itsLinesOfJavaStandInTheTestsOfTheClients() throws IOException {
        List<String> tests = new ArrayList<>();
        for (String name : List.of("LangChain4jTest", "SpringAiTest", "OpenAiJavaTest")) {
            tests.add(squeezed(Files.readString(SOURCES.resolve(name + ".java"))));
        }
        List<String> blocks = blocks("java");
        assertThat(blocks).hasSize(tests.size());
        for (int index = 0; index < blocks.size(); index++) {
            assertThat(tests.get(index)).contains(squeezed(blocks.get(index)));
        }
    }

    @Test
    void itsCallsOfCurlAreAnswered() throws Exception {
        assumeTrue(run("curl --version").contains("curl"), "there is no curl here");
        List<String> calls = blocks("sh").stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("curl "))
                .toList();
        assertThat(calls).hasSize(2);
        try (ServerForClients server = ServerForClients.in(folder)) {
            List<String> answers = new ArrayList<>();
            for (String call : calls) {
                answers.add(run(call.replace("http://127.0.0.1:8080/v1", server.baseUrl())));
            }
            assertThat(answers.getFirst()).contains("\"object\":\"text_completion\"", "\"completion_tokens\":");
            Stream<String> events = answers.getLast().lines().filter(line -> !line.isEmpty());
            assertThat(events)
                    .hasSizeGreaterThan(2)
                    .allMatch(line -> line.startsWith("data: "))
                    .endsWith("data: [DONE]");
        }
    }

    private static String run(String command) throws IOException, InterruptedException {
        return TestProcess.run(Duration.ofMinutes(1), List.of("bash", "-c", command + " 2>/dev/null"))
                .output();
    }
}
