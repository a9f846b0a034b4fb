package dev.saiki.tensor;

import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.Type;

/// The AdamW optimizer, with decoupled weight decay.
///
/// For a weight w with gradient g at step t: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², then w ← w − lr·λ·w and w ← w
/// − lr · (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε) (Loshchilov and Hutter, "Decoupled weight decay regularization",
/// algorithm 2). The arithmetic is LibTorch's fused kernel, which reads and writes every element once. The kernel
/// is called through the operator table, because the Java API lacks it and the C++ `AdamW` class makes a dozen
/// passes. The kernel is fastest on a few long tensors, so weights that share settings should be in one tensor.
public final class AdamW {

    private static final OperatorHandle FUSED_STEP;
    private static final Type.TypePtr TENSOR_TYPE;

    static {
        TorchRuntime.ensureLoaded();
        FUSED_STEP = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
        try (TensorList list = new TensorList()) {
            TENSOR_TYPE = list.elementType();
        }
    }

    private final Settings settings;

    /// Settings of a run.
    ///
    /// @param beta1 the decay of the mean gradient in each step, in [0, 1)
    /// @param beta2 the decay of the mean squared gradient in each step, in [0, 1)
    /// @param epsilon the constant added to the root of the mean square, above 0
    public record Settings(double beta1, double beta2, double epsilon) {}

    /// Weights with their gradient and moments, all of the same shape.
    ///
    /// @param weight FLOAT32, changed by a step
    /// @param gradient FLOAT32, read
    /// @param firstMoment FLOAT32, the mean gradient; changed by a step
    /// @param secondMoment FLOAT32, the mean squared gradient; changed by a step
    /// @param weightDecay the decay λ, for example 0.1 for matrices and 0 for norms
    public record Group(Tensor weight, Tensor gradient, Tensor firstMoment, Tensor secondMoment, double weightDecay) {}

    /// Creates an optimizer; the groups contain the moments.
    ///
    /// @param settings the settings that are constant over a run
    public AdamW(Settings settings) {
        this.settings = settings;
    }

    /// Takes one step on every group.
    ///
    /// @param groups weights, gradients and moments
    /// @param learningRate the learning rate lr
    /// @param step t, counted from 1
    public void step(List<Group> groups, double learningRate, long step) {
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            for (Group group : groups) {
                // The kernel requires t as one float tensor per weight tensor.
                Tensor count = Tensors.like(group.weight()).of(new float[] {step}, 1);
                if (MetaOperators.isFor(group.weight())) {
                    MetaOperators.require(
                            "_fused_adamw_",
                            group.weight(),
                            group.gradient(),
                            group.firstMoment(),
                            group.secondMoment(),
                            count);
                } else {
                    stepGroup(group, count, learningRate);
                }
            }
        }
    }

    private void stepGroup(Group group, Tensor count, double learningRate) {
        try (IValueVector stack = new IValueVector()) {
            push(stack, group.weight());
            push(stack, group.gradient());
            push(stack, group.firstMoment());
            push(stack, group.secondMoment());
            pushEmptyList(stack);
            push(stack, count);
            push(stack, learningRate);
            push(stack, settings.beta1());
            push(stack, settings.beta2());
            push(stack, group.weightDecay());
            push(stack, settings.epsilon());
            push(stack, false);
            push(stack, false);
            pushNone(stack);
            pushNone(stack);
            FUSED_STEP.callBoxed(stack);
        }
    }

    private static void push(IValueVector stack, Tensor tensor) {
        try (GenericList list = new GenericList(TENSOR_TYPE);
                IValue element = new IValue(tensor.handle())) {
            list.push_back(element);
            try (IValue value = new IValue(list)) {
                stack.push_back(value);
            }
        }
    }

    private static void pushEmptyList(IValueVector stack) {
        try (GenericList list = new GenericList(TENSOR_TYPE);
                IValue value = new IValue(list)) {
            stack.push_back(value);
        }
    }

    private static void push(IValueVector stack, double number) {
        try (IValue value = new IValue(number)) {
            stack.push_back(value);
        }
    }

    private static void push(IValueVector stack, boolean flag) {
        try (IValue value = new IValue(flag)) {
            stack.push_back(value);
        }
    }

    private static void pushNone(IValueVector stack) {
        try (IValue value = new IValue()) {
            stack.push_back(value);
        }
    }
}
