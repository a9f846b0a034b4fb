package dev.saiki.train.recipe;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.LayerDropping;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.io.yaml.YamlNumbers;
import dev.saiki.train.deepening.Deepening;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `model`: the keys of `config.json`, some of which may be left out, and `dropout`.
///
/// In a run from a checkpoint, a section without `hidden_size` takes missing keys from the checkpoint, and the
/// vocabulary may be larger than the tokenizer's. In other runs `vocab_size` defaults to the tokenizer's. If the
/// layers cannot be divided equally among the recursion steps, reading the recipe lowers the number of layers
/// until they can, with a warning.
///
/// @param shape the model without its vocabulary size and token ids, which {@link #config(int, int)} sets
/// @param vocabSizeStated whether the recipe states the vocabulary size
/// @param startsFromCheckpoint whether the run starts from a checkpoint
/// @param dropout the dropout rate of training, on the embeddings and on the outputs of attention and feed-forward:
///     from 0 (no dropout) to below 1
public record ModelSection(ModelConfig shape, boolean vocabSizeStated, boolean startsFromCheckpoint, double dropout) {

    /// Configuration keys that a recipe of a plain Llama may omit.
    private static final List<String> IMPLIED =
            List.of("architectures", "model_type", "hidden_act", "attention_bias", "mlp_bias");

    private static final String DROPOUT = "dropout";

    /// The keys that are required without a base.
    private static final List<String> SIZES = List.of("hidden_size", "num_hidden_layers", "num_attention_heads");

    /// Returns the model, if the recipe defines it completely.
    ///
    /// @return the configuration
    /// @throws InputException if the recipe takes the vocabulary size from the tokenizer
    public ModelConfig config() {
        RecipeChecks.that(
                vocabSizeStated, "model.vocab_size", "given, since there is no tokenizer to take it from", "nothing");
        return shape;
    }

    /// Returns the model with a tokenizer's vocabulary. Unless the recipe names other tokens, the end-of-text
    /// token begins and ends a sequence.
    ///
    /// @param vocabSize the size of the tokenizer's vocabulary
    /// @param endOfText the id of the end-of-text token
    /// @return the configuration
    /// @throws InputException if the recipe states another vocabulary size or end-of-text token
    public ModelConfig config(int vocabSize, int endOfText) {
        Problems.requireAll(
                () -> RecipeChecks.that(
                        !vocabSizeStated
                                || shape.vocabSize() == vocabSize
                                || (startsFromCheckpoint && shape.vocabSize() > vocabSize),
                        "model.vocab_size",
                        "the tokenizer's " + vocabSize + ", or left out",
                        shape.vocabSize()),
                () -> RecipeChecks.that(
                        shape.eosTokenId().orElse(endOfText) == endOfText,
                        "model.eos_token_id",
                        "the end-of-text id of the data's tokenizer, " + endOfText + ", or left out; an existing model"
                                + " needs data that were encoded with its own tokenizer",
                        shape.eosTokenId().orElse(endOfText)));
        List<Integer> ends = shape.eosTokenIds().isEmpty() ? List.of(endOfText) : shape.eosTokenIds();
        return shape.withTokenIds(OptionalInt.of(shape.bosTokenId().orElse(endOfText)), ends)
                .withVocabSize(vocabSizeStated ? shape.vocabSize() : vocabSize);
    }

    static ModelSection read(SectionReader reader, Optional<Path> base, Consumer<String> warnings) {
        ObjectNode json = reader.raw().deepCopy();
        if (base.isPresent() && !json.hasNonNull("hidden_size")) {
            json = overlaid(CheckpointDirectory.open(base.get()).config(), json);
        }
        if (SIZES.stream().noneMatch(json::hasNonNull)) {
            throw new InputException("the section model " + (json.isEmpty() ? "is missing" : "has no sizes")
                    + ": name the model to start from with --init-from DIR of saiki"
                    + " train or --set initialisation.from=DIR; a recipe for fresh weights needs model."
                    + String.join(", model.", SIZES) + " and so on");
        }
        YamlNumbers.normalize(json);
        boolean stated = json.hasNonNull("vocab_size");
        if (!stated) {
            json.put("vocab_size", ModelConfig.MAX_VOCABULARY);
        }
        lowerLayers(json, warnings);
        double dropout = takeDropout(json);
        return new ModelSection(ModelConfig.fromJson(json, "model"), stated, base.isPresent(), dropout);
    }

    /// The configuration of a base, overridden by the keys of the recipe. A base without recursion is deepened if
    /// the recipe has the key `recursion`: `num_hidden_layers` then follows from the number of steps.
    private static ObjectNode overlaid(ModelConfig base, ObjectNode section) {
        boolean deepened = base.isVanilla() && section.hasNonNull("recursion");
        ObjectNode json = (deepened ? unrolled(base, section.path("recursion")) : base).toJson();
        if (deepened) {
            json.remove(List.of("architectures", "model_type"));
            ModelFamily family = base.architecture().family();
            if (family != ModelFamily.LLAMA) {
                json.put("base_model_type", family.key());
            }
        }
        JsonNode type = section.path("routing").path("type");
        if (!type.isMissingNode() && !Objects.equals(type, json.path("routing").path("type"))) {
            json.remove("routing"); // Another routing has other keys.
        }
        RecipeLayers.layKeys(json, section);
        return json;
    }

    private static ModelConfig unrolled(ModelConfig base, JsonNode recursion) {
        return Deepening.layout(recursion)
                .map(layout -> new Deepening(base, layout).unrolled())
                .orElse(base);
    }

    /// Removes `dropout`, the one key that is not part of the model's configuration.
    private static double takeDropout(ObjectNode json) {
        @Nullable JsonNode value = json.remove(DROPOUT);
        if (value == null || value.isNull()) {
            return 0;
        }
        double rate = value.isNumber() ? value.doubleValue() : Double.NaN;
        RecipeChecks.that(rate >= 0 && rate < 1, "model." + DROPOUT, "a number from 0 to below 1", value);
        return rate;
    }

    void write(ObjectNode section) {
        ObjectNode json = shape.toJson();
        boolean isPlain = shape.architecture().equals(Architecture.LLAMA);
        if (isPlain) {
            json.remove(IMPLIED);
        }
        if (!vocabSizeStated) {
            json.remove("vocab_size");
        }
        json.forEachEntry((key, value) -> {
            // In other model families a missing window and a null window have different meanings.
            if (!value.isNull() || !isPlain) {
                section.set(key, value);
            }
        });
        if (dropout > 0) {
            section.put(DROPOUT, dropout);
        }
    }

    /// Lowers a number of layers that cannot be divided equally among the recursion steps. Other errors are
    /// reported when the configuration is read.
    private static void lowerLayers(ObjectNode json, Consumer<String> warnings) {
        JsonNode layers = json.path("num_hidden_layers");
        if (!layers.isInt()) {
            return;
        }
        Deepening.layout(json.path("recursion"))
                .ifPresent(recursion -> new Problems()
                        .attempt(() -> LayerDropping.fittingLayers(recursion, layers.intValue()))
                        .filter(number -> number != layers.intValue())
                        .ifPresent(number -> {
                            warnings.accept(
                                    "model.num_hidden_layers lowered from " + layers.intValue() + " to " + number
                                            + ", so that the recursion's layers can be divided equally among its "
                                            + recursion.numRecursions() + " steps ("
                                            + recursion.sharing().key() + ")");
                            json.put("num_hidden_layers", number);
                        }));
    }

    @Override
    public String toString() {
        return "ModelSection[" + shape + (vocabSizeStated ? "]" : ", vocabulary of the tokenizer]");
    }
}
