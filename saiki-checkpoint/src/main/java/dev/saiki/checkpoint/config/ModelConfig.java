package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The structure of a model: everything that determines its tensors and their computation.
///
/// The structure is stored as `config.json` under Hugging Face's keys for the {@link ModelFamily}, with the
/// additional blocks `recursion`, `routing` and `kv_sharing`. The constructor refuses every combination that
/// cannot be built; its messages name the JSON key.
///
/// @param hiddenSize width of the residual stream
/// @param intermediateSize width inside the feed-forward network, or inside each of the experts
/// @param numHiddenLayers unrolled layers: the number that a token at full depth passes
/// @param numAttentionHeads query heads
/// @param numKeyValueHeads key and value heads; must divide the query heads
/// @param headDim width of one head, even; the number of heads times this width need not equal the hidden
///     size
/// @param vocabSize rows of the embedding
/// @param maxPositionEmbeddings length of the longest sequence, which is also the context for counting FLOPs
/// @param rmsNormEps the number added to the mean square, or to the variance, in every norm
/// @param ropeTheta base of the rotary position angles
/// @param tieWordEmbeddings whether the head shares the embedding's weights
/// @param initializerRange standard deviation of initial weights
/// @param bosTokenId token that begins a document, if there is one
/// @param eosTokenIds tokens that end a text; the first one also separates documents, and others may end a
///     turn
/// @param architecture differences from the original Llama
/// @param recursion shape of the recursion; empty for a vanilla model
/// @param routing the rule for the steps that tokens take; {@link Routing.None} for a vanilla model
/// @param kvSharing the rule for the keys and values that a step attends to; {@link KeyValueSharing#NONE} for a
///     vanilla model
public record ModelConfig(
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int numKeyValueHeads,
        int headDim,
        int vocabSize,
        int maxPositionEmbeddings,
        double rmsNormEps,
        double ropeTheta,
        boolean tieWordEmbeddings,
        double initializerRange,
        OptionalInt bosTokenId,
        List<Integer> eosTokenIds,
        Architecture architecture,
        Optional<Recursion> recursion,
        Routing routing,
        KeyValueSharing kvSharing) {

    /// The maximum number of unrolled layers. Such limits prevent a hostile file from requesting excessive memory,
    /// and keep products of sizes far below the range of a long.
    public static final int MAX_LAYERS = 4096;

    /// The maximum hidden size, intermediate size, and product of heads and head width.
    public static final int MAX_SIZE = 1 << 20;

    /// The maximum size of vocabulary and context.
    public static final int MAX_VOCABULARY = 1 << 24;

    /// The maximum number of entries in `routing.effort_grid`.
    public static final int MAX_EFFORT_GRID = 1024;

    /// The maximum number of tokens that end a text.
    private static final int MAX_EOS_TOKENS = 1024;

    /// Checks every value and every combination.
    public ModelConfig {
        List<Integer> ends = List.copyOf(eosTokenIds);
        Problems.requireAll(
                () -> ValueChecks.range("hidden_size", hiddenSize, 1, MAX_SIZE),
                () -> ValueChecks.range("intermediate_size", intermediateSize, 1, MAX_SIZE),
                () -> ValueChecks.range("num_hidden_layers", numHiddenLayers, 1, MAX_LAYERS),
                () -> ValueChecks.range("vocab_size", vocabSize, 1, MAX_VOCABULARY),
                () -> ValueChecks.range("max_position_embeddings", maxPositionEmbeddings, 1, MAX_VOCABULARY),
                () -> architecture
                        .embeddingSize()
                        .ifPresent(size -> ValueChecks.range("embedding_size", size, 1, hiddenSize)),
                () -> requireHeads(numAttentionHeads, numKeyValueHeads),
                () -> requireHeadDim(numAttentionHeads, headDim),
                () -> ValueChecks.positive("rms_norm_eps", rmsNormEps),
                () -> ValueChecks.positive("rope_theta", ropeTheta),
                () -> ValueChecks.positive("initializer_range", initializerRange),
                () -> bosTokenId.ifPresent(token -> requireToken("bos_token_id", token, vocabSize)),
                () -> ValueChecks.range("the length of eos_token_id", ends.size(), 0, MAX_EOS_TOKENS),
                () -> ends.forEach(token -> requireToken("eos_token_id", token, vocabSize)),
                () -> recursion.ifPresentOrElse(
                        block -> requireRecursion(block, numHiddenLayers, routing, kvSharing),
                        () -> requireVanilla(routing, kvSharing)));
        eosTokenIds = ends;
        architecture.requireFitting(layerMap(recursion, numHiddenLayers), headDim, ropeTheta);
    }

    private static void requireHeads(int heads, int keyValueHeads) {
        ValueChecks.range("num_attention_heads", heads, 1, MAX_SIZE);
        ValueChecks.range("num_key_value_heads", keyValueHeads, 1, heads);
        if (heads % keyValueHeads != 0) {
            throw ValueChecks.wrong(
                    "num_key_value_heads", "a divisor of num_attention_heads (" + heads + ")", keyValueHeads);
        }
    }

    private static void requireHeadDim(int heads, int headDim) {
        ValueChecks.range("head_dim", headDim, 2, MAX_SIZE);
        InputException.require(
                headDim % 2 == 0, "head_dim", "even, because rotary positions rotate pairs of elements", headDim);
        if (heads >= 1 && heads <= MAX_SIZE) {
            ValueChecks.range("num_attention_heads times head_dim", (long) heads * headDim, 2, MAX_SIZE);
        }
    }

    private static void requireToken(String key, int token, int vocabSize) {
        ValueChecks.range(key, token, 0, vocabSize - 1L);
    }

    private static void requireVanilla(Routing routing, KeyValueSharing kvSharing) {
        if (!(routing instanceof Routing.None)) {
            throw ValueChecks.wrong("routing.type", "\"none\" without a recursion block", "\"" + routing.key() + "\"");
        }
        if (kvSharing != KeyValueSharing.NONE) {
            throw ValueChecks.wrong("kv_sharing", "\"none\" without a recursion block", "\"" + kvSharing.key() + "\"");
        }
    }

    private static void requireRecursion(Recursion recursion, int layers, Routing routing, KeyValueSharing kvSharing) {
        boolean routed = !(routing instanceof Routing.None);
        Problems.requireAll(
                () -> LayerDropping.requireFitting(recursion, layers),
                () -> InputException.require(
                        !routed || recursion.sharing().isCycle(),
                        "recursion.sharing",
                        "cycle or middle_cycle with routing.type " + routing.key(),
                        "\"" + recursion.sharing().key() + "\""),
                () -> InputException.require(
                        !kvSharing.isForRoutedModels() || routed,
                        "kv_sharing",
                        "\"none\" or \"recursive\" without routing",
                        "\"" + kvSharing.key() + "\""),
                () -> recursion.requireFitting(routing));
    }

    /// Reads a `config.json`.
    ///
    /// @param configJson the file
    /// @return the configuration
    /// @throws InputException if the file is missing, is not valid JSON, or describes a model that cannot be built
    public static ModelConfig read(Path configJson) {
        return fromJson(JsonFiles.read(configJson), configJson.toString());
    }

    /// Reads a configuration from parsed JSON.
    ///
    /// Besides Saiki's own, Hugging Face's configurations of a {@link ModelFamily} are accepted if all their
    /// settings are supported; missing keys have Hugging Face's defaults. An unknown key is an error.
    ///
    /// @param json the content of a `config.json`
    /// @param where the file, for error messages
    /// @return the configuration
    /// @throws InputException if a key is missing or unknown, or has an impossible value; the message names the
    ///     key
    public static ModelConfig fromJson(JsonNode json, String where) {
        try {
            return ModelConfigJson.read(json);
        } catch (InputException e) {
            throw InputException.of(
                    e.problems().stream().map(problem -> where + ": " + problem).toList());
        }
    }

    /// Writes the configuration as JSON; reading the JSON returns an equal configuration.
    ///
    /// @return the content of a `config.json`
    public ObjectNode toJson() {
        return ModelConfigJson.write(this);
    }

    /// Tells whether the model has no recursion and is an ordinary model of its family.
    ///
    /// @return true without a recursion block
    public boolean isVanilla() {
        return recursion.isEmpty();
    }

    /// Tells whether tokens may take different numbers of steps.
    ///
    /// @return false for vanilla and fixed depth
    public boolean isRouted() {
        return !(routing instanceof Routing.None);
    }

    /// Tells whether recursion steps have their own gates, in the tensor `model.step_gates`.
    ///
    /// @return false for vanilla
    public boolean hasStepGates() {
        return recursion.map(Recursion::stepGates).orElse(false);
    }

    /// Counts the recursion steps.
    ///
    /// @return number of steps of a token at full depth; 1 for vanilla
    public int numRecursions() {
        return recursion.map(Recursion::numRecursions).orElse(1);
    }

    /// Returns the map from unrolled to unique layers.
    ///
    /// @return the map
    public LayerMap layerMap() {
        return layerMap(recursion, numHiddenLayers);
    }

    private static LayerMap layerMap(Optional<Recursion> recursion, int layers) {
        return recursion.map(shape -> LayerMap.of(shape, layers)).orElseGet(() -> LayerMap.vanilla(layers));
    }

    /// Returns the token that ends a document.
    ///
    /// @return the token; empty if there is none
    public OptionalInt eosTokenId() {
        return eosTokenIds.stream().mapToInt(token -> token).findFirst();
    }

    /// Returns the configured share of all tokens at every step: for expert-choice and random routing the
    /// given capacities, for token-choice the shares of a balanced router, for expert-threshold the powers of
    /// the default effort, and without routing always 1.
    ///
    /// @return one share per recursion step; the first is 1
    public List<Double> capacities() {
        return switch (routing) {
            case Routing.None _ -> Collections.nCopies(numRecursions(), 1.0);
            case Routing.ExpertChoice expert -> expert.capacity();
            case Routing.TokenChoice _ -> Capacities.balanced(numRecursions());
            case Routing.ExpertThreshold expert -> expert.capacities(expert.defaultEffort(), numRecursions());
            case Routing.Random random -> random.capacity();
        };
    }

    /// Returns the width inside the feed-forward networks that compute a token in one layer.
    ///
    /// @return the intermediate size; with experts, times the number that a token chooses
    public long feedForwardWidth() {
        return (long) intermediateSize
                * architecture.experts().map(Experts::chosen).orElse(1);
    }

    /// Counts the weights of a layer's feed-forward network, or of its gate and the chosen experts, by which a token is
    /// multiplied.
    ///
    /// @return number of weights
    public long feedForwardWeights() {
        int matrices = architecture.family().gatesFeedForward() ? 3 : 2;
        int gates = architecture.experts().map(Experts::count).orElse(0);
        return hiddenSize * (matrices * feedForwardWidth() + gates);
    }

    /// Returns the factor of the states with which tokens enter.
    ///
    /// @return the factor, 1 for most families
    public double embeddingScale() {
        return architecture.scales().embedding()
                * (architecture.family().scalesEmbedding() ? Math.sqrt(hiddenSize) : 1);
    }

    /// Returns the factor of the products of queries and keys.
    ///
    /// @return the factor, 1 / √K with heads of width K for most families
    public double attentionScale() {
        return architecture.scales().attention().orElse(1 / Math.sqrt(headDim));
    }

    /// Returns the angle by which each pair of a head rotates from one position to the next. With n angles, pair i is
    /// elements i and n + i; elements from 2n on are not rotated.
    ///
    /// @param rotation the rotation of a layer, not {@link Rotation#NONE}
    /// @return at most headDim / 2 angles in radians
    public double[] rotaryFrequencies(Rotation rotation) {
        return architecture.positions().frequencies(rotation, headDim, ropeTheta);
    }

    /// Returns the factor by which the rotated elements of queries and keys are multiplied.
    ///
    /// @param rotation the rotation of a layer, not {@link Rotation#NONE}
    /// @return the factor, 1 for most scalings
    public double rotaryMagnitude(Rotation rotation) {
        return rotation == Rotation.OF_WINDOWS
                ? 1
                : architecture.positions().scaling().magnitude();
    }

    /// Copies the configuration with another vocabulary.
    ///
    /// @param size rows of the embedding
    /// @return the copy
    public ModelConfig withVocabSize(int size) {
        return with(numHiddenLayers, size, maxPositionEmbeddings, bosTokenId, eosTokenIds, architecture);
    }

    /// Copies the configuration with other special tokens.
    ///
    /// @param bos token that begins a document
    /// @param eos tokens that end a text; the first also ends a document
    /// @return the copy
    public ModelConfig withTokenIds(OptionalInt bos, List<Integer> eos) {
        return with(numHiddenLayers, vocabSize, maxPositionEmbeddings, bos, eos, architecture);
    }

    /// Copies the configuration with another context length.
    ///
    /// @param positions longest sequence
    /// @return the copy
    public ModelConfig withMaxPositionEmbeddings(int positions) {
        return with(numHiddenLayers, vocabSize, positions, bosTokenId, eosTokenIds, architecture);
    }

    /// Copies the configuration with another number of unrolled layers. A window over all layers is extended to
    /// all new layers.
    ///
    /// @param layers unrolled layers
    /// @return the copy
    public ModelConfig withNumHiddenLayers(int layers) {
        return withLayers(layers, architecture.withNumLayers(numHiddenLayers, layers));
    }

    /// Copies the configuration of a model without recursion, with layers repeated or omitted. Properties of a
    /// layer, such as a window, are copied with it.
    ///
    /// @param layers the layer of this model for each layer of the copy
    /// @return the copy
    public ModelConfig withLayers(List<Integer> layers) {
        return withLayers(layers.size(), architecture.withLayers(layers));
    }

    /// Copies the configuration with another architecture; all sizes are unchanged.
    ///
    /// @param other differences from the original Llama
    /// @return the copy
    public ModelConfig withArchitecture(Architecture other) {
        return withLayers(numHiddenLayers, other);
    }

    private ModelConfig withLayers(int layers, Architecture other) {
        return with(layers, vocabSize, maxPositionEmbeddings, bosTokenId, eosTokenIds, other);
    }

    private ModelConfig with(
            int layers, int vocabulary, int positions, OptionalInt bos, List<Integer> eos, Architecture other) {
        return new ModelConfig(
                hiddenSize,
                intermediateSize,
                layers,
                numAttentionHeads,
                numKeyValueHeads,
                headDim,
                vocabulary,
                positions,
                rmsNormEps,
                ropeTheta,
                tieWordEmbeddings,
                initializerRange,
                bos,
                eos,
                other,
                recursion,
                routing,
                kvSharing);
    }

    /// Copies the configuration with another recursion, routing and rule for keys and values; everything else,
    /// including sizes, is unchanged.
    ///
    /// @param shape the recursion's shape; empty for vanilla
    /// @param route the rule for the steps that tokens take
    /// @param sharing the rule for the keys and values that a step attends to
    /// @return the copy
    public ModelConfig withRecursion(Optional<Recursion> shape, Routing route, KeyValueSharing sharing) {
        return new ModelConfig(
                hiddenSize,
                intermediateSize,
                numHiddenLayers,
                numAttentionHeads,
                numKeyValueHeads,
                headDim,
                vocabSize,
                maxPositionEmbeddings,
                rmsNormEps,
                ropeTheta,
                tieWordEmbeddings,
                initializerRange,
                bosTokenId,
                eosTokenIds,
                architecture,
                shape,
                route,
                sharing);
    }
}
