package dev.saiki.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A hand-made model in which it is known which tokens need a second recursion: a token of the class `slow`
/// gives its answer in the second recursion, a token of the class `quick` has it from the start, and the answer
/// itself is followed by any token.
class RouterGainTest {

    private static final int WIDTH = 16;
    private static final int ANSWER = 0;
    private static final int HERALD = 1;
    private static final int FIRST_SLOW = 19;

    // Places in the hidden state; those from NOISE on are noise.
    private static final int IS_SLOW = 1;
    private static final int HALF_WAY = 2;
    private static final int KNOWN = 3;
    private static final int NOISE = 8;

    private static final String ROUTER = "model.routers.1.weight";

    private final ModelWeights weights = ModelWeights.initialize(config(), 3, false);

    @BeforeEach
    void writeTheModel() {
        for (int layer = 0; layer < 4; layer++) {
            set("model.layers." + layer + ".self_attn.o_proj.weight", List.of());
            set("model.layers." + layer + ".mlp.down_proj.weight", List.of());
        }
        // One neuron leads from slow to half-way, another from half-way to known: one step each.
        List<Entry> read = List.of(new Entry(0, IS_SLOW, 3), new Entry(1, HALF_WAY, 3));
        set("model.layers.0.mlp.gate_proj.weight", read);
        set("model.layers.0.mlp.up_proj.weight", read);
        set("model.layers.0.mlp.down_proj.weight", List.of(new Entry(HALF_WAY, 0, 0.05), new Entry(KNOWN, 1, 0.05)));
        set("lm_head.weight", List.of(new Entry(ANSWER, KNOWN, 3)));
        Random random = new Random(11);
        List<Entry> embedding = new ArrayList<>();
        for (int token = 0; token < TinyModels.VOCABULARY; token++) {
            for (int place = NOISE; place < WIDTH; place++) {
                embedding.add(new Entry(token, place, 0.5 * random.nextGaussian()));
            }
            if (token != ANSWER) {
                embedding.add(new Entry(token, token >= FIRST_SLOW ? IS_SLOW : KNOWN, 1));
            }
        }
        set("model.embed_tokens.weight", embedding);
    }

    @AfterEach
    void close() {
        weights.close();
    }

    static List<GainTarget> targets() {
        return List.of(new GainTarget.Regression(1), new GainTarget.WeightedLabels(0.99), new GainTarget.Divergence(1));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void routerLearnsWhomAFurtherRecursionHelps(GainTarget target) {
        TrainingObjective objective = objective(new GainSupervision(target, 1, false, 0, 1));
        double first = 0;
        double last = 0;
        for (int step = 0; step < 100; step++) {
            last = trainRouter(objective, TrainingRows.of(rows(step)));
            first = step == 0 ? last : first;
        }
        assertThat(last).isLessThan(first);
        assertThat(areaOfRouter()).isGreaterThan(0.95);
    }

    @Test
    void creditedGainsAreDiscountedSumsWithinARow() {
        GainSupervision halved = new GainSupervision(new GainTarget.Regression(1), 1, false, 0, 2);
        try (TensorScope _ = TensorScope.open()) {
            Tensor gains = Tensors.of(new float[] {1, 0, 2, 0, 0, 4}, 6);
            assertThat(halved.credited(gains, 3).toFloats()).containsExactly(1.5f, 1, 2, 1, 2, 4);
        }
    }

    /// Only the answers of slow tokens count. A herald, which is no slow token itself, comes before each of them.
    @Test
    void routerLearnsWhoHelpsALaterTokenWithAHorizonAlone() {
        assertThat(areaOfHeralds(4)).isGreaterThan(0.95);
        assertThat(areaOfHeralds(1)).isLessThan(0.8);
    }

    private double areaOfHeralds(double horizon) {
        set(ROUTER, List.of());
        TrainingObjective objective =
                objective(new GainSupervision(new GainTarget.Regression(1), 1, false, 0, horizon));
        for (int step = 0; step < 100; step++) {
            int[][] rows = heraldedRows(step);
            int[][] counted = new int[rows.length][];
            for (int b = 0; b < rows.length; b++) {
                int[] row = rows[b];
                counted[b] = IntStream.range(0, row.length)
                        .map(t -> t > 0 && row[t - 1] >= FIRST_SLOW ? 1 : 0)
                        .toArray();
            }
            trainRouter(objective, new TrainingRows(rows, Optional.of(counted)));
        }
        int[][] rows = heraldedRows(1000);
        int time = rows[0].length - 1;
        List<Integer> firsts = IntStream.range(0, rows.length * time)
                .filter(i -> i % time % 3 == 0)
                .boxed()
                .toList();
        float[] all = routerLogits(rows);
        float[] scores = new float[firsts.size()];
        boolean[] heralds = new boolean[firsts.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = all[firsts.get(i)];
            heralds[i] = rows[firsts.get(i) / time][firsts.get(i) % time] == HERALD;
        }
        return area(scores, heralds);
    }

    /// The same regression, by hand, with the gains of the tokens and with the gains assigned to other tokens.
    @Test
    void routerLearnsNothingFromShuffledGains() {
        try (TensorScope _ = TensorScope.open();
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute)) {
            int[][] rows = rows(77);
            Tensor states = statesAfterOne(model, rows);
            List<Float> gains = new ArrayList<>();
            boolean[] slow = slow(rows);
            float share = 0;
            for (boolean one : slow) {
                share += one ? 1f / slow.length : 0;
            }
            for (boolean one : slow) {
                gains.add(one ? 1 - share : -share);
            }
            assertThat(area(regressed(states, gains), slow(rows))).isGreaterThan(0.95);
            double mean = 0;
            int shuffles = 30;
            for (int seed = 0; seed < shuffles; seed++) {
                Collections.shuffle(gains, new Random(seed));
                mean += area(regressed(states, gains), slow(rows)) / shuffles;
            }
            assertThat(mean).isBetween(0.3, 0.7);
        }
    }

    private static TrainingObjective objective(GainSupervision router) {
        return new TrainingObjective(
                0,
                0,
                0,
                TrainingObjective.Supervision.NONE,
                TrainingObjective.Balancing.NONE,
                0,
                0,
                0,
                0,
                Optional.of(new FullDepth(0.5, FullDepth.Prior.UNIFORM, Optional.of(router), Optional.empty())));
    }

    private double trainRouter(TrainingObjective objective, TrainingRows rows) {
        try (TensorScope _ = TensorScope.open();
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP)) {
            TrainingPass.Report report = new TrainingPass(model, objective, rows.numTargets(), 1, 1)
                    .runAtFullDepth(rows, RandomScores.causal(), 2, 1);
            Tensor gradient = Tensors.zeros(DType.FLOAT32, weights.count());
            model.addGradientsTo(gradient);
            float[] slope = Objects.requireNonNull(
                            TrainedParameters.all(weights).named(gradient).get(ROUTER))
                    .toFloats();
            float[] router = parameter(ROUTER).toFloats();
            for (int i = 0; i < router.length; i++) {
                router[i] -= 0.1f * slope[i];
            }
            parameter(ROUTER).copyFrom(Tensors.of(router, 1, WIDTH));
            return report.depths().orElseThrow().routerGain();
        }
    }

    private double areaOfRouter() {
        int[][] rows = rows(1000);
        return area(routerLogits(rows), slow(rows));
    }

    private float[] routerLogits(int[][] rows) {
        try (TensorScope _ = TensorScope.open();
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute)) {
            Tensor states = statesAfterOne(model, rows);
            try (ActiveTokens everyone = ActiveTokens.all(Device.CPU, rows.length, rows[0].length - 1)) {
                return model.routerLogits(1, states, everyone).toFloats();
            }
        }
    }

    private static Tensor statesAfterOne(RecursiveTransformer model, int[][] rows) {
        List<Tensor> states = new ArrayList<>();
        int time = rows[0].length - 1;
        Tensor ids = Tensors.of(TrainingPass.flatten(rows, 0), (long) rows.length * time);
        model.forward(
                ids,
                rows.length,
                time,
                RoutingRequest.trainingAtFullDepth(2, RandomScores.causal()),
                (step, hidden, _) -> {
                    if (step == 1) {
                        states.add(TensorScope.release(hidden.copy()));
                    }
                });
        try (Tensor released = states.getFirst()) {
            return released.copy();
        }
    }

    private static float[] regressed(Tensor states, List<Float> gains) {
        float[] target = new float[gains.size()];
        for (int i = 0; i < target.length; i++) {
            target[i] = gains.get(i);
        }
        float[] router = new float[WIDTH];
        for (int step = 0; step < 100; step++) {
            try (TensorScope _ = TensorScope.open()) {
                Tensor leaf = Autograd.leaf(Tensors.of(router, WIDTH, 1));
                Tensor logits = states.matmul(leaf).reshape(-1);
                Autograd.backward(
                        new GainLoss(new GainTarget.Regression(1)).ofStep(logits, Tensors.of(target, target.length)));
                float[] slope = Autograd.gradient(leaf).toFloats();
                for (int i = 0; i < router.length; i++) {
                    router[i] -= 0.1f * slope[i];
                }
            }
        }
        try (TensorScope _ = TensorScope.open()) {
            return states.matmul(Tensors.of(router, WIDTH, 1)).toFloats();
        }
    }

    /// The area under the ROC curve: how often a slow token scores higher than another token.
    private static double area(float[] scores, boolean[] slow) {
        double above = 0;
        long pairs = 0;
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                if (slow[i] && !slow[j]) {
                    pairs++;
                    above += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        return above / pairs;
    }

    private static boolean[] slow(int[][] rows) {
        int time = rows[0].length - 1;
        boolean[] slow = new boolean[rows.length * time];
        for (int i = 0; i < slow.length; i++) {
            slow[i] = rows[i / time][i % time] >= FIRST_SLOW;
        }
        return slow;
    }

    /// Questions of both classes, alternating with answers.
    private static int[][] rows(int seed) {
        Random random = new Random(seed);
        int[][] rows = new int[4][17];
        for (int[] row : rows) {
            for (int t = 0; t < row.length; t++) {
                row[t] = t % 2 == 0 ? 1 + random.nextInt(TinyModels.VOCABULARY - 1) : ANSWER;
            }
        }
        return rows;
    }

    /// A herald, a slow token, and the answer, or two quick tokens and the answer.
    private static int[][] heraldedRows(int seed) {
        Random random = new Random(seed);
        int[][] rows = new int[8][19];
        for (int[] row : rows) {
            for (int t = 0; t + 2 < row.length; t += 3) {
                boolean slow = t == 0 || random.nextBoolean();
                row[t] = slow ? HERALD : HERALD + 1 + random.nextInt(FIRST_SLOW - HERALD - 1);
                row[t + 1] = slow
                        ? FIRST_SLOW + random.nextInt(TinyModels.VOCABULARY - FIRST_SLOW)
                        : HERALD + 1 + random.nextInt(FIRST_SLOW - HERALD - 1);
                row[t + 2] = ANSWER;
            }
        }
        return rows;
    }

    private record Entry(int row, int column, double value) {}

    /// Overwrites a matrix with zeros and a few other entries.
    private void set(String name, List<Entry> entries) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor parameter = parameter(name);
            long[] shape = parameter.shape();
            float[] values = new float[Math.toIntExact(shape[0] * shape[1])];
            entries.forEach(
                    entry -> values[Math.toIntExact(entry.row() * shape[1] + entry.column())] = (float) entry.value());
            parameter.copyFrom(Tensors.of(values, shape));
        }
    }

    private Tensor parameter(String name) {
        return Objects.requireNonNull(weights.parameters().get(name));
    }

    /// One layer with an effect and three without, applied twice.
    private static ModelConfig config() {
        ModelConfig text = TinyModels.ofText(TinyModels.VOCABULARY, 32);
        return TinyModels.stepGated(text.withRecursion(
                Optional.of(new Recursion(ParameterSharing.CYCLE, 2)), text.routing(), KeyValueSharing.NONE));
    }
}
