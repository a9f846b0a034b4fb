package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextEmbedderTest {

    private static final int CONTEXT = 64;
    private static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() throws IOException {
        engine = Engine.open(
                RandomCheckpoint.write(folder.resolve("model"), TinyModels.ofText(TOKENIZER.vocabSize(), CONTEXT), 3),
                TOKENIZER,
                EngineOptions.builder().threads(1).maxWaiting(32).build());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void moreTextsThanMayWaitAreEmbeddedInOrder() {
        TextEmbedder embedder = new TextEmbedder(engine, RouteSettings.MODEL);
        List<String> texts =
                IntStream.range(0, 50).mapToObj(i -> "text " + i % 5).toList();
        TextEmbedder.EmbeddedTexts embedded = embedder.embed(texts);
        assertThat(embedded.embeddings()).hasSize(50);
        assertThat(embedded.tokens()).isEqualTo(50 * "text 1".length());
        List<float[]> vectors =
                embedded.embeddings().stream().map(TextEmbedding::vector).toList();
        assertThat(vectors.get(7)).isEqualTo(vectors.get(2)).isNotEqualTo(vectors.get(3));
        assertThat(embedder.embed(List.of("")).tokens()).isEqualTo(1);
        assertThatThrownBy(() -> embedder.embed(List.of("a", "b".repeat(CONTEXT + 1))))
                .isInstanceOf(InputException.class);
    }
}
