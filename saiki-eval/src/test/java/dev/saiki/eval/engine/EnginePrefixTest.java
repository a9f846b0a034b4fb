package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Cached keys and values equal computed ones, for every router and every sharing of keys and values.
class EnginePrefixTest {

    private static final long SEED = 20261124;
    private static final int PROMPT = 35;

    @TempDir
    private Path folder;

    static Stream<Variants.Variant> variants() {
        return Variants.withHeads(2).stream();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void aPrefixThatIsFoundChangesNoBit(Variants.Variant variant) throws IOException {
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED);
                Engine engine = model.engine(EngineOptions.builder()
                        .threads(1)
                        .chunkTokens(10)
                        .maxRows(20)
                        .build())) {
            int[] prompt = Opened.text(new Random(SEED), PROMPT);
            for (int shared : List.of(PROMPT - 1, 16, 7)) {
                int[] other = prompt.clone();
                other[shared] = other[shared] % 200 + 1;
                engine.clearPrefixCache();
                Answer computed = Answer.of(engine, other);
                engine.clearPrefixCache();
                Answer.of(engine, prompt);
                Answer found = Answer.of(engine, other);
                assertThat(computed.finish().cachedTokens()).isZero();
                assertThat(found.finish().cachedTokens()).isEqualTo(shared);
                assertThat(found.tokens()).isEqualTo(computed.tokens());
                assertThat(found.finish().meanDepth())
                        .isEqualTo(computed.finish().meanDepth());
            }
        }
    }

    /// The generated tokens, and how the answer ended.
    private record Answer(List<Token> tokens, GenerationResult finish) {

        static Answer of(Engine engine, int[] prompt) {
            List<Token> tokens = new ArrayList<>();
            try (TokenStream stream = engine.submit(GenerationRequest.builder(prompt, Variants.CONTEXT - PROMPT)
                    .ending(StopConditions.NONE)
                    .build())) {
                stream.forEach(tokens::add);
                return new Answer(tokens, stream.finish());
            }
        }
    }
}
