package dev.saiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The operators for which LibTorch has no `meta` kernel, by name, and their substitutes.
class MetaOperatorsTest {

    private static final float TOLERANCE = 1e-5f;

    /// Calls of LibTorch's own operators on a device; each fails on `meta`.
    private static final Map<String, Function<DeviceTensors, Object>> CALLS = new TreeMap<>(Map.of(
            "aten::index_select",
                    on -> matrix(on).handle().index_select(0, index(on).handle()),
            "aten::embedding",
                    on -> torch.embedding(matrix(on).handle(), index(on).handle()),
            "aten::embedding_dense_backward",
                    on -> torch.embedding_dense_backward(
                            matrix(on).handle(), index(on, 4).handle(), 9, -1, false),
            "aten::index_add (backward)",
                    on -> backward(Tensor.of(matrix(on)
                            .handle()
                            .index_add(0, index(on).handle(), leaf(on, 3).handle()))),
            "aten::index_copy (backward)",
                    on -> backward(Tensor.of(matrix(on)
                            .handle()
                            .index_copy(0, index(on).handle(), leaf(on, 3).handle()))),
            "aten::scaled_dot_product_attention", MetaOperatorsTest::attend,
            "aten::logsumexp", on -> torch.logsumexp(matrix(on).handle(), new long[] {-1}, false),
            "aten::binary_cross_entropy_with_logits", MetaOperatorsTest::crossEntropy,
            "aten::_local_scalar_dense", on -> on.scalar(1).handle().item_double()));

    static Stream<String> names() {
        return CALLS.keySet().stream();
    }

    private static Tensor matrix(DeviceTensors on) {
        return leaf(on, 4);
    }

    private static Tensor leaf(DeviceTensors on, int rows) {
        float[] values = new float[rows * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i + 1.0);
        }
        return Autograd.leaf(on.of(values, rows, 3));
    }

    private static Tensor index(DeviceTensors on) {
        return on.of(new long[] {2, 0, 3}, 3);
    }

    private static Tensor index(DeviceTensors on, int count) {
        return on.of(new long[count], count);
    }

    private static Object backward(Tensor result) {
        Autograd.backward(result.sum());
        return result;
    }

    private static Object attend(DeviceTensors on) {
        org.bytedeco.pytorch.Tensor heads = on.zeros(DType.FLOAT32, 1, 2, 5, 4).handle();
        try (TensorOptional noMask = new TensorOptional();
                DoubleOptional scale = new DoubleOptional()) {
            return torch.scaled_dot_product_attention(heads, heads, heads, noMask, 0.0, true, scale, false);
        }
    }

    private static Object crossEntropy(DeviceTensors on) {
        org.bytedeco.pytorch.Tensor some = matrix(on).handle();
        try (TensorOptional none = new TensorOptional()) {
            return torch.binary_cross_entropy_with_logits(some, some, none, none, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void anOperatorOfTheListRunsOnTheCpuAndHasNoKernelForMeta(String name) {
        Function<DeviceTensors, Object> call = Objects.requireNonNull(CALLS.get(name));
        try (TensorScope _ = TensorScope.open()) {
            assertThat(call.apply(Tensors.on(Device.CPU))).isNotNull();
            assertThatThrownBy(() -> call.apply(Tensors.on(Device.META)))
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("Meta");
        }
    }

    /// A function of two tensors.
    interface Operation {
        Tensor of(Tensor first, Tensor second);
    }

    /// An operator with its substitute, on tensors `[4, 3]` and `[3, 3]`.
    record Pair(String name, Operation operator, Operation standIn) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static Tensor index(Tensor beside) {
        return index(Tensors.like(beside));
    }

    private static Tensor heads(Tensor rows) {
        return rows.reshape(1, 1, -1, 3);
    }

    private static Tensor mask(Tensor beside) {
        return Tensors.like(beside).of(new float[] {0, -1, 0, 0, 0, -2, 1, 0, 0, 0, 0, -1}, 1, 1, 4, 3);
    }

    static Stream<Pair> pairs() {
        return Stream.of(
                new Pair("rows", (a, b) -> a.rows(index(b)), (a, b) -> MetaOperators.rows(a, index(b))),
                new Pair(
                        "rows that are added",
                        (a, b) -> a.addRows(index(b), b),
                        (a, b) -> MetaOperators.addRows(a, index(b), b)),
                new Pair(
                        "rows that are replaced",
                        (a, b) -> a.replaceRows(index(b), b),
                        (a, b) -> MetaOperators.replaceRows(a, index(b), b)),
                new Pair(
                        "embedding",
                        (a, b) -> Functional.embedding(a, index(b)),
                        (a, b) -> MetaOperators.rows(a, index(b))),
                new Pair(
                        "attention",
                        (a, b) -> Functional.fusedMaskedAttention(heads(a), heads(b), heads(b), mask(a)),
                        (a, b) -> MetaOperators.attention(heads(a), heads(b), heads(b), mask(a).unsqueeze(1))),
                new Pair(
                        "log of a sum",
                        (a, _) -> Functional.logSumExp(a, -1),
                        (a, _) -> MetaOperators.logSumExp(a, -1)),
                new Pair(
                        "cross-entropy",
                        (a, b) -> Functional.binaryCrossEntropyWithLogits(b, a.narrow(0, 0, 3)),
                        (a, b) -> MetaOperators.binaryCrossEntropy(
                                b,
                                a.narrow(0, 0, 3),
                                Tensors.like(b).zeros(DType.FLOAT32, 3, 3).fillInPlace(1))));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aStandInComputesWhatItStandsForAndItsGradient(Pair pair) {
        try (TensorScope _ = TensorScope.open()) {
            float[][] expected = values(pair.operator());
            float[][] actual = values(pair.standIn());
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).containsExactly(expected[i], within(TOLERANCE));
            }
        }
    }

    /// The result, and the gradients of both tensors where there are any.
    private static float[][] values(Operation operation) {
        Tensor first = leaf(Tensors.on(Device.CPU), 4);
        Tensor second = leaf(Tensors.on(Device.CPU), 3);
        for (Tensor each : List.of(first, second)) {
            Autograd.setGradient(each, Tensors.zeros(DType.FLOAT32, each.shape()));
        }
        Tensor result = operation.of(first, second);
        Autograd.backward(result.square().sum());
        return new float[][] {
            result.toFloats(),
            Autograd.gradient(first).toFloats(),
            Autograd.gradient(second).toFloats()
        };
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void onMetaAShapeAndAHistoryRemain(Pair pair) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor onCpu = pair.operator().of(leaf(Tensors.on(Device.CPU), 4), leaf(Tensors.on(Device.CPU), 3));
            Tensor onMeta = pair.operator().of(leaf(Tensors.on(Device.META), 4), leaf(Tensors.on(Device.META), 3));
            assertThat(onMeta.device()).isEqualTo(Device.META);
            assertThat(onMeta.shape()).isEqualTo(onCpu.shape());
            assertThat(onMeta.dtype()).isEqualTo(onCpu.dtype());
            assertThat(Autograd.isRecorded(onMeta)).isTrue();
        }
    }

    @Test
    void anOperandOnTheCpuIsRefused() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor onMeta = matrix(Tensors.on(Device.META));
            assertThatThrownBy(() -> onMeta.rows(index(Tensors.on(Device.CPU))))
                    .isInstanceOf(TensorException.class)
                    .hasMessage("index_select needs all tensors on one device, got meta and cpu (Tensor[3]INT64)");
        }
    }

    @Test
    void anOptimizersTensorsAreOnOneDevice() {
        try (TensorScope _ = TensorScope.open()) {
            DeviceTensors meta = Tensors.on(Device.META);
            Tensor weight = meta.zeros(DType.FLOAT32, 8);
            AdamW optimizer = new AdamW(new AdamW.Settings(0.9, 0.95, 1e-8));
            optimizer.step(List.of(new AdamW.Group(weight, weight, weight, weight, 0.1)), 0.1, 1);
            Tensor onCpu = Tensors.zeros(DType.FLOAT32, 8);
            assertThatThrownBy(
                            () -> optimizer.step(List.of(new AdamW.Group(weight, weight, weight, onCpu, 0.1)), 0.1, 1))
                    .isInstanceOf(TensorException.class);
        }
    }
}
