package dev.saiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {

    @ParameterizedTest
    @CsvSource({"cpu, cpu", "cuda, cuda:0", "cuda:0, cuda:0", "cuda:12, cuda:12"})
    void devicesAreReadAsRecipesSpellThem(String spelling, String device) {
        assertThat(Device.parse(spelling)).hasToString("Optional[" + device + "]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "CPU", "cuda:", "cuda:-1", "cuda:999", "meta", "cuda:1 "})
    void otherSpellingsAreNone(String spelling) {
        assertThat(Device.parse(spelling)).isEmpty();
    }

    @Test
    void tensorsAreMadeWhereTheyAreAskedFor() {
        try (TensorScope _ = TensorScope.open()) {
            for (Device device : new Device[] {Device.CPU, Device.META}) {
                DeviceTensors there = Tensors.on(device);
                Tensor floats = there.of(new float[] {1, 2, 3}, 3);
                assertThat(floats.device()).isEqualTo(device);
                assertThat(there.of(new long[] {1, 2}, 2).device()).isEqualTo(device);
                assertThat(there.zeros(DType.BFLOAT16, 2, 2).device()).isEqualTo(device);
                assertThat(there.empty(DType.INT32, 4).device()).isEqualTo(device);
                assertThat(there.scalar(3).device()).isEqualTo(device);
                assertThat(there.scalar(3).shape()).isEmpty();
                assertThat(Tensors.like(floats).zeros(DType.FLOAT32, 1).device())
                        .isEqualTo(device);
                assertThat(Functional.dropout(floats, 0.5, 7).device()).isEqualTo(device);
                assertThat(Tensors.zeros(DType.FLOAT32, 3).to(device).device()).isEqualTo(device);
            }
            assertThat(Tensors.on(Device.CPU).scalar(3).item()).isEqualTo(3);
        }
    }

    @Test
    void memoryOnAnotherDeviceIsRefused() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor elsewhere = Tensors.on(Device.META).zeros(DType.FLOAT32, 3);
            assertThatThrownBy(() -> Tensors.segmentOf(elsewhere))
                    .isInstanceOf(TensorException.class)
                    .hasMessage("the memory of a tensor on meta cannot be viewed; copy it to the CPU first, with"
                            + " to(Device.CPU)");
        }
    }

    @Test
    void valuesThatAreNotThereCannotBeRead() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor empty = Tensors.on(Device.META).zeros(DType.FLOAT32, 3);
            assertThatThrownBy(empty::toFloats).isInstanceOf(TensorException.class);
            assertThatThrownBy(() -> empty.sum().item())
                    .isInstanceOf(TensorException.class)
                    .hasMessageContaining("has no values");
            try (TensorObservation _ = TensorObservation.start((_, count) -> new double[count])) {
                assertThat(empty.toFloats()).containsExactly(0, 0, 0);
                assertThat(empty.toLongs()).containsExactly(0, 0, 0);
            }
        }
    }

    @Test
    void everyReadBackIsCounted() {
        try (TensorScope _ = TensorScope.open();
                TensorObservation observed = TensorObservation.start()) {
            Tensor some = Tensors.of(new float[] {1, 2, 3}, 3);
            assertThat(some.toFloats()).containsExactly(1, 2, 3);
            assertThat(some.toDoubles()).containsExactly(1, 2, 3);
            assertThat(some.toLongs()).containsExactly(1, 2, 3);
            assertThat(some.sum().item()).isEqualTo(6);
            assertThat(some.isFinite()).isTrue();
            assertThat(observed.numReadBacks()).isEqualTo(5);
            assertThatThrownBy(TensorObservation::start).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aLibTorchWithoutCudaSaysSo() {
        assertThat(TorchRuntime.obstacle(Device.CPU)).isEmpty();
        assumeFalse(TorchRuntime.hasCuda());
        assertThat(TorchRuntime.obstacle(new Device.Cuda(0)))
                .hasValueSatisfying(sentence -> assertThat(sentence).contains("CUDA"));
    }
}
