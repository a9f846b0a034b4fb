package dev.saiki.cli.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import dev.saiki.server.settings.AdapterChoice;
import dev.saiki.testkit.RandomAdapter;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models and adapters as the options of `saiki serve` name them.
class OpenModelsTest {

    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
    private static final EngineOptions OPTIONS =
            EngineOptions.builder().threads(1).cacheBytes(1 << 22).build();

    @TempDir
    private Path folder;

    private ModelArgument model(String name, long seed) throws IOException {
        RandomCheckpoint.write(folder.resolve(name), TinyModels.ofText(BYTES.vocabSize(), 64), seed);
        BYTES.save(folder.resolve(name).resolve("tokenizer.json"));
        return new ModelArgument(name, folder.resolve(name));
    }

    private String adapter(String name, ModelArgument base) throws IOException {
        RandomAdapter.write(folder.resolve(name), CheckpointDirectory.open(base.folder()), 2, 1, 3);
        return name + "=" + folder.resolve(name);
    }

    @Test
    void eachAdapterGoesToTheModelThatItBelongsTo() throws IOException {
        List<ModelArgument> models = List.of(model("one", 1), model("two", 2));
        List<ModelArgument> adapters = ModelArgument.adapters(
                List.of(adapter("law", models.get(1)), adapter("sea", models.get(0)), adapter("tax", models.get(1))),
                models);
        MemoryBudget.of(OptionalLong.empty()).require(models, adapters, OPTIONS);
        try (OpenModels open = OpenModels.open(models, adapters, OPTIONS, Optional.empty())) {
            assertThat(open.choices().get(0).adapters())
                    .extracting(AdapterChoice::name)
                    .containsExactly("sea");
            assertThat(open.choices().get(1).adapters())
                    .extracting(AdapterChoice::name)
                    .containsExactly("law", "tax");
        }
    }

    @Test
    void anAdapterOfNoneOfThemIsRefusedWithWhatSpeaksAgainstEach() throws IOException {
        List<ModelArgument> models = List.of(model("one", 1), model("two", 2));
        List<ModelArgument> adapters = ModelArgument.adapters(List.of(adapter("law", model("three", 3))), models);
        assertThatThrownBy(() -> OpenModels.open(models, adapters, OPTIONS, Optional.empty()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--adapter law")
                .hasMessageContaining("is an adapter of another model (" + folder.resolve("three"))
                .hasMessageContaining(folder.resolve("one").toString())
                .hasMessageContaining(folder.resolve("two").toString());
    }

    @Test
    void adaptersCountAmongWhatMemoryHolds() throws IOException {
        List<ModelArgument> models = List.of(model("one", 1));
        List<ModelArgument> adapters = ModelArgument.adapters(List.of(adapter("law", models.getFirst())), models);
        assertThatThrownBy(() -> MemoryBudget.of(OptionalLong.of(1 << 20)).require(models, adapters, OPTIONS))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("law ");
    }

    /// The embedding keeps eight bits.
    @Test
    void fourBitsAreCountedInTheLayersAlone() throws IOException {
        List<ModelArgument> models = List.of(model("one", 1));
        CheckpointDirectory checkpoint =
                CheckpointDirectory.open(models.getFirst().folder());
        Accounting counted = Accounting.of(checkpoint.config());
        long embedding = counted.totalParameters() - counted.nonEmbeddingParameters();
        long cache = OPTIONS.cacheBytes();
        EngineOptions small = OPTIONS.toBuilder().weights(WeightFormat.INT4).build();
        MemoryBudget.of(OptionalLong.of(cache + embedding + counted.nonEmbeddingParameters()))
                .require(models, List.of(), small);
        assertThatThrownBy(() ->
                        MemoryBudget.of(OptionalLong.of(cache + embedding)).require(models, List.of(), small))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--weights");
    }

    @Test
    void anAdapterNeedsANameOfItsOwn() throws IOException {
        List<ModelArgument> models = List.of(model("one", 1));
        assertThatThrownBy(() -> ModelArgument.adapters(List.of("runs/law"), models))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--adapter")
                .hasMessageContaining("NAME=DIR");
        assertThatThrownBy(() -> ModelArgument.adapters(List.of("one=runs/law"), models))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the name one is taken");
    }
}
