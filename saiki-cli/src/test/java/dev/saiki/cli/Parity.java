package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/// Compares the results of both engines with another program's logits.
final class Parity {

    private static final double CLOSE = 1e-3;

    private Parity() {}

    /// The logits of every position under LibTorch.
    static float[] logits(Path model, int[] ids, ScoreOptions options) {
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(model));
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            return scorer.logits(List.of(ids), options);
        }
    }

    static ScoreOptions deep(int depth) {
        return new ScoreOptions(RoutingRequest.Rule.CAUSAL, depth, Double.NaN);
    }

    /// Fails unless the results of both engines agree with another program's logits.
    static void assertAlike(String what, Path model, int[] ids, float[] theirs) {
        float[] ours = logits(model, ids, ScoreOptions.CAUSAL);
        assertAlike(what, ours, theirs, ids.length);
        assertEngineAlike(what, model, ids, theirs);
    }

    /// The largest difference: a thousandth, and thirty times as much for Gemma and StarCoder, whose GELU llama.cpp
    /// takes from a table of float16. With such a table PyTorch agrees with llama.cpp; golden files compare both
    /// families closely.
    private static double closeness(String what) {
        return what.startsWith("gemma") || what.startsWith("starcoder") ? 30 * CLOSE : CLOSE;
    }

    /// Fails unless logits agree within {@link #closeness}, and the likeliest tokens are equal where the second
    /// likeliest is more than a hundredth below.
    static void assertAlike(String what, float[] ours, float[] theirs, int positions) {
        assertThat(ours).as(what).hasSameSizeAs(theirs);
        int vocabulary = ours.length / positions;
        for (int row = 0; row < positions; row++) {
            int best = 0;
            float second = Float.NEGATIVE_INFINITY;
            int mine = 0;
            for (int id = 0; id < vocabulary; id++) {
                int at = row * vocabulary + id;
                // This form creates no description for the millions of equal logits, and counts NaN as a
                // difference.
                if (!(Math.abs(ours[at] - theirs[at]) <= closeness(what))) {
                    assertThat(ours[at])
                            .as("%s: position %d, token %d", what, row, id)
                            .isEqualTo(theirs[at]);
                }
                mine = ours[at] > ours[row * vocabulary + mine] ? id : mine;
                if (id > 0 && theirs[at] > theirs[row * vocabulary + best]) {
                    second = theirs[row * vocabulary + best];
                    best = id;
                } else if (id > 0) {
                    second = Math.max(second, theirs[at]);
                }
            }
            if (theirs[row * vocabulary + best] - second > 10 * closeness(what)) {
                assertThat(mine).as("%s: likeliest at position %d", what, row).isEqualTo(best);
            }
        }
    }

    /// Compares the engine's log-probabilities of the ids with another program's logits.
    private static void assertEngineAlike(String what, Path model, int[] ids, float[] theirs) {
        String list = Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(","));
        double[] scored = CommandRun.of("eval", "score", "--model", model, "--ids", list, "--json", "--engine", "cpu")
                .succeeds()
                .out()
                .lines()
                .skip(1)
                .mapToDouble(line ->
                        JsonMapper.shared().readTree(line).path("logprob").doubleValue())
                .toArray();
        int vocabulary = theirs.length / ids.length;
        for (int i = 1; i < ids.length; i++) {
            int row = (i - 1) * vocabulary;
            double most = Double.NEGATIVE_INFINITY;
            for (int id = 0; id < vocabulary; id++) {
                most = Math.max(most, theirs[row + id]);
            }
            double sum = 0;
            for (int id = 0; id < vocabulary; id++) {
                sum += Math.exp(theirs[row + id] - most);
            }
            double wanted = theirs[row + ids[i]] - most - Math.log(sum);
            assertThat(Math.abs(scored[i - 1] - wanted))
                    .as("%s: engine at position %d: %s and %s", what, i, scored[i - 1], wanted)
                    .isLessThanOrEqualTo(closeness(what));
        }
    }

    /// Fails unless two checkpoints have the same tensors, bit for bit.
    static void assertSameTensors(String what, Path one, Path other) {
        assertSameNumbers(what, one, other);
        CheckpointDirectory wanted = CheckpointDirectory.open(other);
        CheckpointDirectory.open(one)
                .tensors()
                .forEach((name, tensor) -> assertThat(tensor.type())
                        .as("%s: %s", what, name)
                        .isEqualTo(Optional.ofNullable(wanted.tensors().get(name))
                                .map(StoredTensor::type)
                                .orElseThrow()));
    }

    /// Fails unless two checkpoints have the same numbers, whatever their formats.
    static void assertSameNumbers(String what, Path one, Path other) {
        CheckpointDirectory got = CheckpointDirectory.open(one);
        CheckpointDirectory wanted = CheckpointDirectory.open(other);
        assertThat(got.tensors().keySet())
                .as(what)
                .containsExactlyElementsOf(wanted.tensors().keySet());
        wanted.tensors().forEach((name, tensor) -> {
            StoredTensor there = Optional.ofNullable(got.tensors().get(name)).orElseThrow();
            assertThat(there.shape()).as("%s: %s", what, name).isEqualTo(tensor.shape());
            assertThat(there.toFloats()).as("%s: %s", what, name).isEqualTo(tensor.toFloats());
        });
    }
}
