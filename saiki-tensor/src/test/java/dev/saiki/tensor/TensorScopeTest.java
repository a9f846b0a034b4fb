package dev.saiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorScopeTest {

    @Test
    void closingFreesWhatWasMadeInside() {
        long before = TensorScope.liveTensors();
        try (TensorScope _ = TensorScope.open()) {
            Tensors.zeros(DType.FLOAT32, 3).add(1);
            assertThat(TensorScope.liveTensors()).isEqualTo(before + 2);
        }
        assertThat(TensorScope.liveTensors()).isEqualTo(before);
    }

    @Test
    void keptTensorLivesInTheEnclosingScope() {
        long before = TensorScope.liveTensors();
        try (TensorScope _ = TensorScope.open()) {
            Tensor kept;
            try (TensorScope inner = TensorScope.open()) {
                kept = inner.keep(Tensors.of(new float[] {1, 2}, 2));
            }
            assertThat(kept.toFloats()).containsExactly(1, 2);
        }
        assertThat(TensorScope.liveTensors()).isEqualTo(before);
    }

    @Test
    void keepingATensorOfAnotherScopeLeavesItThere() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor outside = Tensors.of(new float[] {1}, 1);
            try (TensorScope inner = TensorScope.open()) {
                inner.keep(outside);
            }
            assertThat(outside.toFloats()).containsExactly(1);
        }
    }

    @Test
    void innerScopeLeftOpenByAnErrorIsClosedWithTheOuter() {
        long before = TensorScope.liveTensors();
        try (TensorScope _ = TensorScope.open()) {
            TensorScope forgotten = TensorScope.open();
            assertThat(forgotten).isNotNull();
            Tensors.zeros(DType.FLOAT32, 3);
        }
        assertThat(TensorScope.liveTensors()).isEqualTo(before);
    }

    @Test
    void usingAFreedTensorIsRefused() {
        Tensor freed;
        try (TensorScope _ = TensorScope.open()) {
            freed = Tensors.zeros(DType.FLOAT32, 1);
        }
        assertThatThrownBy(freed::toFloats)
                .isInstanceOf(TensorException.class)
                .hasMessageContaining("TensorScope.keep");
    }

    @Test
    void freeingAHandleDoesNotTakeMemoryFromTheBackwardPass() {
        try (TensorScope outer = TensorScope.open()) {
            Tensor leaf = Autograd.leaf(Tensors.of(new float[] {2, 3}, 2));
            Tensor loss;
            try (TensorScope inner = TensorScope.open()) {
                loss = inner.keep(leaf.square().multiply(leaf).sum());
            }
            Autograd.backward(loss);
            assertThat(Autograd.gradient(leaf).toFloats()).containsExactly(12, 27);
            assertThat(outer).isNotNull();
        }
    }
}
