package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The server behind an nginx with default settings, which uses HTTP/1.0 towards the server.
@Tag("clients")
@Tag("installed")
@Needs(Program.NGINX)
class NginxTest {

    @TempDir
    private static Path folder;

    private static ServerForClients server;
    private static Nginx proxy;
    private static OpenAIClient client;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = ServerForClients.roomy(folder);
        proxy = Nginx.before(
                Files.createDirectory(folder.resolve("nginx")), server.server().port());
        client = OpenAIOkHttpClient.builder()
                .baseUrl(proxy.baseUrl())
                .apiKey("none")
                .maxRetries(0)
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        proxy.close();
        server.close();
    }

    private static ChatCompletionCreateParams.Builder chat(int maxTokens) {
        return ChatCompletionCreateParams.builder()
                .model(ServerForClients.MODEL)
                .addUserMessage("a")
                .temperature(0.0)
                .maxCompletionTokens(maxTokens);
    }

    private static String content(ChatCompletion completion) {
        return completion.choices().getFirst().message().content().orElseThrow();
    }

    @Test
    void wholeAnswersAndStreamsAreTheSameAsWithoutIt() {
        String whole = content(client.chat().completions().create(chat(300).build()));
        OpenAIClient direct = OpenAIOkHttpClient.builder()
                .baseUrl(server.baseUrl())
                .apiKey("none")
                .build();
        assertThat(whole)
                .isEqualTo(content(direct.chat().completions().create(chat(300).build())));
        direct.close();
        List<String> pieces = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(chat(300).build())) {
            stream.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .forEach(choice -> choice.delta().content().ifPresent(pieces::add));
        }
        assertThat(String.join("", pieces)).isEqualTo(whole);
        assertThat(pieces).hasSizeGreaterThan(2);
    }

    /// nginx would buffer short pieces until the end of the answer, if the server did not disable buffering.
    @Test
    void piecesComeAsTheyAreWrittenAndAClientThatLeavesIsNoticed() {
        server.notices(() -> {
            try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                    .completions()
                    .createStreaming(chat(ServerForClients.TOO_MANY).build())) {
                assertThat(stream.stream().findFirst()).isPresent();
                assertThat(server.engine().sequences()).isNotEmpty();
            }
        });
    }

    @Test
    void refusalsComeThrough() {
        assertThatThrownBy(() -> client.chat()
                        .completions()
                        .create(chat(4).model("gpt-9").build()))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("gpt-9");
    }
}
