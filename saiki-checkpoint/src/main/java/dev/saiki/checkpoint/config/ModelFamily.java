package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A family of decoders that differ from Llama only in biases, norms, positions, windows, activation and constant
/// factors.
///
/// The constants are Hugging Face's model types. The {@link Architecture} of a model fixes what its family leaves
/// open.
public enum ModelFamily implements JsonEnum {

    /// Llama 1 to 3; biases by `attention_bias` and `mlp_bias`.
    LLAMA("LlamaForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.NONE),

    /// Mistral: Llama with one window for all layers, or none.
    MISTRAL("MistralForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.ALL_LAYERS),

    /// Ministral 3: Mistral with YaRN, and with queries that grow with their position.
    MINISTRAL3("Ministral3ForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.ALL_LAYERS),

    /// Qwen 2 and 2.5: biases on queries, keys and values; a window in some layers or in none.
    QWEN2("Qwen2ForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.SOME_LAYERS),

    /// Qwen 3: a norm on each head of queries and keys.
    QWEN3("Qwen3ForCausalLM", QueryKeyNorm.EACH_HEAD, NormPlacement.BEFORE, Windows.SOME_LAYERS),

    /// SmolLM 3: Llama with layers that do not rotate.
    SMOLLM3("SmolLM3ForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.SOME_LAYERS),

    /// OLMo 2: norms after attention and feed-forward, and on queries and keys as a whole.
    OLMO2("Olmo2ForCausalLM", QueryKeyNorm.WHOLE_PROJECTION, NormPlacement.AFTER, Windows.NONE),

    /// OLMo 3: OLMo 2 with windows in some layers, in which positions are not scaled.
    OLMO3("Olmo3ForCausalLM", QueryKeyNorm.WHOLE_PROJECTION, NormPlacement.AFTER, Windows.SOME_LAYERS),

    /// EXAONE 4: norms as in OLMo 2, but on each head of queries and keys; if some layers have a window, the others do
    /// not rotate.
    EXAONE4("Exaone4ForCausalLM", QueryKeyNorm.EACH_HEAD, NormPlacement.AFTER, Windows.SOME_LAYERS),

    /// Granite 3 and 4 without experts: Llama with constant factors.
    GRANITE("GraniteForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.NONE),

    /// Seed-OSS: biases as in Qwen 2, or on attention's output too.
    SEED_OSS("SeedOssForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.NONE),

    /// Phi 3 and 4: Mistral with fused projections, in some models with heads that are rotated in part.
    PHI3("Phi3ForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.ALL_LAYERS),

    /// GLM 4 as first published: biases as in Qwen 2, and heads rotated in part, in pairs of neighbouring elements.
    GLM("GlmForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.NONE),

    /// GLM 4 since 0414: norms on outputs too.
    GLM4("Glm4ForCausalLM", QueryKeyNorm.NONE, NormPlacement.SANDWICH, Windows.NONE),

    /// Cohere 2 (Command R7B): one norm, which subtracts the mean, for attention and feed-forward network side by side;
    /// layers without a window do not rotate, the others rotate neighbouring elements.
    COHERE2("Cohere2ForCausalLM", QueryKeyNorm.NONE, NormPlacement.PARALLEL, Windows.SOME_LAYERS),

    /// StarCoder 2: norms that subtract the mean and have a bias; a feed-forward network without a gate, with GELU;
    /// one window for all layers, or none.
    STARCODER2("Starcoder2ForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.ALL_LAYERS),

    /// Gemma 2: Gemma 3 without norms on queries and keys, with the same positions in all layers, and with bounds.
    GEMMA2("Gemma2ForCausalLM", QueryKeyNorm.NONE, NormPlacement.AROUND, Windows.SOME_LAYERS),

    /// Mixtral: Mistral with experts, by default without a window.
    MIXTRAL("MixtralForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.ALL_LAYERS),

    /// Qwen 3 with experts, and with one window for all layers, or none.
    QWEN3_MOE("Qwen3MoeForCausalLM", QueryKeyNorm.EACH_HEAD, NormPlacement.BEFORE, Windows.ALL_LAYERS),

    /// OLMoE: experts, and norms on queries and keys as a whole.
    OLMOE("OlmoeForCausalLM", QueryKeyNorm.WHOLE_PROJECTION, NormPlacement.BEFORE, Windows.NONE),

    /// Granite 3 with experts.
    GRANITEMOE("GraniteMoeForCausalLM", QueryKeyNorm.NONE, NormPlacement.BEFORE, Windows.NONE),

    /// The text model of Gemma 3: norms before and after attention and feed-forward, whose weights are stored minus 1;
    /// GELU; another rotary base in layers with a window.
    GEMMA3_TEXT("Gemma3ForCausalLM", QueryKeyNorm.EACH_HEAD, NormPlacement.AROUND, Windows.SOME_LAYERS);

    private enum Windows {
        NONE,
        ALL_LAYERS,
        SOME_LAYERS
    }

    private final String huggingFaceClass;
    private final QueryKeyNorm queryKeyNorm;
    private final NormPlacement normPlacement;
    private final Windows windows;

    ModelFamily(String huggingFaceClass, QueryKeyNorm queryKeyNorm, NormPlacement normPlacement, Windows windows) {
        this.huggingFaceClass = huggingFaceClass;
        this.queryKeyNorm = queryKeyNorm;
        this.normPlacement = normPlacement;
        this.windows = windows;
    }

    /// Returns the name of the family's class in Hugging Face's library.
    ///
    /// @return the entry of `architectures`
    public String huggingFaceClass() {
        return huggingFaceClass;
    }

    /// Returns the norm on queries and keys.
    ///
    /// @return the norm, equal for all models of the family
    public QueryKeyNorm queryKeyNorm() {
        return queryKeyNorm;
    }

    /// Returns the placement of a layer's norms.
    ///
    /// @return the placement, equal for all models of the family
    public NormPlacement normPlacement() {
        return normPlacement;
    }

    /// Returns the biases allowed in the family.
    ///
    /// @return the choices; the first is the default
    public List<Biases> allowedBiases() {
        return switch (this) {
            case LLAMA, SMOLLM3 -> List.of(Biases.NONE, Biases.ATTENTION, Biases.FEED_FORWARD, Biases.ALL);
            case MISTRAL, MINISTRAL3, MIXTRAL, EXAONE4, PHI3 -> List.of(Biases.NONE);
            case QWEN2 -> List.of(Biases.QUERY_KEY_VALUE);
            case STARCODER2 -> List.of(Biases.ALL, Biases.NONE);
            case GLM, GLM4 -> List.of(Biases.QUERY_KEY_VALUE, Biases.NONE);
            case QWEN3, QWEN3_MOE, OLMO2, OLMO3, OLMOE, GRANITEMOE, COHERE2, GEMMA2, GEMMA3_TEXT ->
                List.of(Biases.NONE, Biases.ATTENTION);
            case GRANITE -> List.of(Biases.NONE, Biases.ATTENTION, Biases.FEED_FORWARD, Biases.ALL);
            case SEED_OSS ->
                Stream.of(true, false)
                        .flatMap(queries -> Stream.of(false, true)
                                .flatMap(output ->
                                        Stream.of(false, true).map(inner -> new Biases(queries, output, inner))))
                        .toList();
        };
    }

    /// Returns the activation function of the feed-forward network.
    ///
    /// @return the function, the same for all models of the family
    public Activation activation() {
        return isGemma() || this == STARCODER2 ? Activation.GELU : Activation.SILU;
    }

    /// The key of the activation function in a configuration.
    String activationKey() {
        return isGemma() ? "hidden_activation" : "hidden_act";
    }

    /// Tells whether the feed-forward network multiplies what it activates, the gate, by another projection.
    ///
    /// @return false for StarCoder 2
    public boolean gatesFeedForward() {
        return this != STARCODER2;
    }

    /// Tells whether each layer has a mixture of experts.
    ///
    /// @return whether models of the family have {@link Experts}
    public boolean hasExperts() {
        return switch (this) {
            case MIXTRAL, QWEN3_MOE, OLMOE, GRANITEMOE -> true;
            default -> false;
        };
    }

    /// The key of the width inside a feed-forward network.
    String innerKey() {
        return this == QWEN3_MOE ? Experts.WIDTH : "intermediate_size";
    }

    /// Returns the tensors of a layer's norms in checkpoint order.
    ///
    /// @return the names without the layer's prefix
    public List<String> normTensors() {
        return normPlacement.tensors().values().stream()
                .flatMap(weight -> hasNormBiases() ? Stream.of(weight, biasOf(weight)) : Stream.of(weight))
                .toList();
    }

    /// Returns the name of the bias of a norm.
    ///
    /// @param weight the name of the norm's weight
    /// @return the name, whether the family's norms have biases or not
    public static String biasOf(String weight) {
        return weight.replaceFirst("\\.weight$", ".bias");
    }

    boolean hasNormBiases() {
        return this == STARCODER2;
    }

    /// Returns what is added to the stored weights of norms.
    ///
    /// @return 1 for Gemma, otherwise 0
    public int normOffset() {
        return isGemma() ? 1 : 0;
    }

    /// Tells whether norms subtract a row's mean first (Ba et al., "Layer Normalization", arXiv:1607.06450).
    ///
    /// @return true for Cohere 2 and StarCoder 2
    public boolean centresNorms() {
        return this == COHERE2 || this == STARCODER2;
    }

    /// The key of the number added under the norms' root.
    String epsilonKey() {
        return switch (this) {
            case COHERE2 -> "layer_norm_eps";
            case STARCODER2 -> "norm_epsilon";
            default -> "rms_norm_eps";
        };
    }

    /// Tells whether the states with which tokens enter are multiplied by the square root of their width.
    ///
    /// @return true for Gemma
    public boolean scalesEmbedding() {
        return isGemma();
    }

    private boolean isGemma() {
        return this == GEMMA2 || this == GEMMA3_TEXT;
    }

    /// Tells whether layers of the family may omit the rotation of queries and keys.
    ///
    /// @return true for SmolLM 3, EXAONE 4 and Cohere 2
    public boolean mayLeaveOutRotation() {
        return this == SMOLLM3 || this == EXAONE4 || this == COHERE2;
    }

    /// Whether a layer's window decides whether it rotates.
    boolean rotatesByWindow() {
        return this == EXAONE4 || this == COHERE2;
    }

    /// The layers that do not rotate in a family whose windows decide: those without a window. If no layer has one,
    /// all layers of EXAONE 4 rotate.
    List<Integer> unrotated(Optional<SlidingWindow> window, int numLayers) {
        List<Integer> windowed = window.map(SlidingWindow::layers).orElse(List.of());
        return window.isEmpty() && this == EXAONE4
                ? List.of()
                : IntStream.range(0, numLayers)
                        .filter(layer -> !windowed.contains(layer))
                        .boxed()
                        .toList();
    }

    /// Tells whether layers with a window have rotary positions of their own, which are not scaled.
    ///
    /// @return true for OLMo 3 and Gemma 3
    public boolean rotatesWindowsApart() {
        return this == OLMO3 || this == GEMMA3_TEXT;
    }

    /// Tells whether heads of the family may be rotated in part.
    ///
    /// @return true for Phi 3 and GLM 4
    public boolean mayRotatePartly() {
        return this == PHI3 || isGlm();
    }

    /// Tells whether neighbouring elements of a head are rotated together, not an element of the first half with
    /// one of the second.
    ///
    /// @return true for GLM 4 and Cohere 2
    public boolean pairsNeighbours() {
        return isGlm() || this == COHERE2;
    }

    boolean isGlm() {
        return this == GLM || this == GLM4;
    }

    void requireWindow(SlidingWindow window, int numLayers) {
        switch (windows) {
            case NONE ->
                throw ValueChecks.wrong("sliding_window", "absent from a model of type " + key(), window.size());
            case ALL_LAYERS -> {
                if (window.layers().size() != numLayers) {
                    throw ValueChecks.wrong(
                            "sliding_window", "the same for all layers in a model of type " + key(), window.layers());
                }
            }
            case SOME_LAYERS -> {}
        }
    }

    /// Finds the family with a given name.
    ///
    /// @param modelType the value of `model_type`
    /// @return the family; empty if no family has this name
    public static Optional<ModelFamily> of(String modelType) {
        return Arrays.stream(values())
                .filter(family -> family.key().equals(modelType))
                .findFirst();
    }
}
