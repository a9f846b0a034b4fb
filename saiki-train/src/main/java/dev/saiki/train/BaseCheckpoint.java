package dev.saiki.train;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.model.ModelWeights;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.deepening.Deepening;
import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The checkpoint that provides a run's initial weights; the run uses its own data and schedule and a fresh
/// optimizer.
///
/// If the base has the same recursion as the run's model, training continues from the base's weights; recursion
/// steps may gain low-rank updates and norms, which initially change nothing, and a base of fixed depth may gain
/// gates of 1, a router, and keys and values for tokens that leave early. If the base has no recursion, it is
/// deepened: all its layers are kept, the steps share the middle ones, and the steps' gates start at 0, so that
/// every depth computes the same as the base. A missing part, such as a router or a gate, is initialised as in a
/// fresh model.
///
/// @param checkpoint the base
record BaseCheckpoint(CheckpointDirectory checkpoint) {

    private static final List<Size> SIZES = List.of(
            new Size("hidden_size", ModelConfig::hiddenSize),
            new Size("intermediate_size", ModelConfig::intermediateSize),
            new Size("num_attention_heads", ModelConfig::numAttentionHeads),
            new Size("num_key_value_heads", ModelConfig::numKeyValueHeads),
            new Size("head_dim", ModelConfig::headDim),
            new Size("vocab_size", ModelConfig::vocabSize),
            new Size("rms_norm_eps", ModelConfig::rmsNormEps),
            new Size("rope_theta", ModelConfig::ropeTheta),
            new Size("tie_word_embeddings", ModelConfig::tieWordEmbeddings));

    /// The routing keys in which a run may differ from its base, because they affect only which tokens continue.
    private static final List<String> SELECTION_KEYS =
            List.of("capacity", "threshold", "causal_by", "effort_grid", "default_effort");

    /// Padding a vocabulary to a round size adds fewer ids than this.
    private static final int MAX_PADDING = 1024;

    /// A size that base and run must share.
    private record Size(String key, Function<ModelConfig, Object> of) {}

    /// Opens the checkpoint of a base, and checks that the run's model can start from the base.
    ///
    /// @param mustEqualBase whether the run's model must be identical to the base, as a run that trains an
    ///     adapter requires
    /// @throws InputException if there is no model, or a model of another shape, architecture or tokenizer
    static BaseCheckpoint open(Path folder, RunInputs inputs, boolean mustEqualBase) {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(folder);
        Problems problems = new Problems();
        Fit fit = new Fit(checkpoint.config(), inputs.config(), problems);
        if (checkpoint.hasTokenizer()) {
            String where = checkpoint.tokenizer().toString();
            problems.check(() -> inputs.data().requireTokenizer(Tokenizer.load(checkpoint.tokenizer()), where));
        } else {
            int spare = checkpoint.config().vocabSize() - inputs.tokenizer().vocabSize();
            if (spare >= MAX_PADDING) {
                problems.add("vocab_size is " + checkpoint.config().vocabSize()
                        + " in the base, but the data's tokenizer"
                        + " has " + inputs.tokenizer().vocabSize() + " tokens; the base has no tokenizer.json: prepare"
                        + " the data with the base's own tokenizer, and copy that tokenizer to the folder of the base");
            }
        }
        fit.check();
        if (mustEqualBase && problems.isEmpty()) {
            fit.checkSame();
        }
        problems.throwIfAny("initialisation.from: " + folder);
        return new BaseCheckpoint(checkpoint);
    }

    /// The initial weights of the run.
    ModelWeights weights(Recipe recipe, ModelConfig config, Consumer<String> warnings) {
        if (config.hasStepGates()
                && !checkpoint.config().isVanilla()
                && !checkpoint.config().hasStepGates()) {
            double gate = recipe.initialisation().stepGate();
            if (gate != 1) {
                throw new InputException("initialisation.step_gate must be 1, since all recursions of "
                        + checkpoint.path() + " count in full, got " + gate);
            }
        }
        ModelWeights weights = ModelWeights.initialize(
                config,
                recipe.data().seed(),
                recipe.hasAuxiliaryRouters(),
                recipe.initialisation().stepGate(),
                recipe.adapterConfig());
        recipe.initialisation().injection().ifPresent(weights::setInjection);
        if (checkpoint.config().hasStepGates() && recipe.schedule().openGatesSteps(recipe.totalSteps(0)) > 0) {
            warnings.accept(checkpoint.path() + ": already has further passes; this run continues to train them and"
                    + " resets their gates to 0 (schedule.open_gates_fraction=0 keeps the gates)");
        }
        if (!checkpoint.hasTokenizer()) {
            warnings.accept(checkpoint.path() + ": has no tokenizer.json, so it is unknown whether its "
                    + checkpoint.config().vocabSize() + " tokens are those of the data; copy its tokenizer.json there");
        }
        List<String> left = weights.takeOver(checkpoint.tensors());
        if (!left.isEmpty()) {
            warnings.accept(checkpoint.path() + ": the model of this run does not use " + String.join(", ", left)
                    + " of this checkpoint");
        }
        return weights;
    }

    /// A comparison of a base with the model that starts from it.
    ///
    /// @param base the base
    /// @param wanted the run's model
    /// @param problems collects the errors
    private record Fit(ModelConfig base, ModelConfig wanted, Problems problems) {

        void check() {
            SIZES.forEach(
                    size -> same(size.key(), size.of().apply(base), size.of().apply(wanted)));
            if (base.isVanilla() && !wanted.isVanilla()) {
                problems.check(() -> new Deepening(base, wanted.recursion().orElseThrow()).requireFits(wanted));
                return;
            }
            same("the architecture", base.architecture(), wanted.architecture());
            if (isOfTheSameRecursion()) {
                same("num_hidden_layers", base.numHiddenLayers(), wanted.numHiddenLayers());
                if (!mayShareOtherwise()) {
                    same(
                            "kv_sharing",
                            base.kvSharing().key(),
                            wanted.kvSharing().key());
                }
                if (!wanted.hasStepGates()) {
                    same("routing", gating(base), gating(wanted));
                } else if (!base.hasStepGates() && !(base.routing() instanceof Routing.None)) {
                    problems.add(
                            "recursion.step_gates must be false, since the router of the base already gates its recursions");
                }
            } else {
                same(
                        "recursion",
                        base.toJson().path("recursion"),
                        wanted.toJson().path("recursion"));
            }
        }

        /// Whether both rules for keys and values give the same while all tokens take all steps, as in the base.
        private boolean mayShareOtherwise() {
            return base.routing() instanceof Routing.None
                    && base.kvSharing() == KeyValueSharing.NONE
                    && wanted.kvSharing() != KeyValueSharing.RECURSIVE;
        }

        private boolean isOfTheSameRecursion() {
            return base.recursion()
                    .map(ofBase -> wanted.recursion()
                            .filter(ofRun -> ofRun.startsAs(ofBase))
                            .isPresent())
                    .orElse(wanted.isVanilla());
        }

        /// Checks that the base and the recipe describe the same model, because an adapter cannot store newly
        /// initialised parameters.
        void checkSame() {
            for (String key : List.of("num_hidden_layers", "recursion", "routing", "kv_sharing")) {
                JsonNode ofBase = base.toJson().path(key);
                JsonNode ofRun = wanted.toJson().path(key);
                if (!ofBase.equals(ofRun)) {
                    problems.add(key + " is " + ofBase + " in the base and " + ofRun + " in the recipe; an adapter"
                            + " cannot change its base, so leave the recipe's section model out");
                }
            }
        }

        private static String gating(ModelConfig config) {
            if (config.isVanilla()) {
                return "none";
            }
            ObjectNode routing = (ObjectNode) config.toJson().path("routing");
            return routing.remove(SELECTION_KEYS).toString();
        }

        private void same(String key, Object ofBase, Object ofRun) {
            if (!ofBase.equals(ofRun)) {
                problems.add(key + " is " + ofBase + " in the base and " + ofRun + " in the recipe");
            }
        }
    }
}
