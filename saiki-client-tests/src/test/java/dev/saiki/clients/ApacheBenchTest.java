package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The server under load from `ab`, which uses HTTP/1.0 and counts an answer of different length as failed.
@Tag("clients")
@Tag("installed")
@Needs(Program.AB)
class ApacheBenchTest {

    @Test
    void allItsRequestsAreAnswered(@TempDir Path folder) throws IOException, InterruptedException {
        Path body = Files.writeString(
                folder.resolve("body.json"),
                "{\"prompt\": \"the whale\", \"max_tokens\": 4, \"temperature\": 0, \"ignore_eos\": true}");
        try (ServerForClients server = ServerForClients.in(folder)) {
            String told = TestProcess.run(
                            Duration.ofMinutes(1),
                            List.of(
                                    Program.AB.path(),
                                    "-l",
                                    "-n",
                                    "200",
                                    "-c",
                                    "4",
                                    "-T",
                                    "application/json",
                                    "-p",
                                    body.toString(),
                                    server.baseUrl() + "/completions"))
                    .output();
            assertThat(told)
                    .containsPattern("Complete requests: +200\n")
                    .containsPattern("Failed requests: +0\n")
                    .doesNotContain("Non-2xx responses");
        }
    }
}
