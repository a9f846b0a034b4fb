package dev.saiki.tensor;

import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Type;

/// A bfloat16 weight matrix in the order in which oneDNN wants to read it, for products of many rows.
///
/// {@link Functional#linear} brings the weights into that order anew at every call. The order depends on the
/// number of rows it is made for; other numbers work too. These operators are registered with LibTorch's
/// dispatcher, but have no method in the Java binding.
public final class PackedLinear implements AutoCloseable {

    private static final OperatorHandle REORDER;
    private static final OperatorHandle LINEAR;
    private static final Type.TypePtr SCALAR_TYPE;

    /// The place of the list of scalars among the arguments of the product.
    private static final int SCALARS_ARGUMENT = 4;

    static {
        TorchRuntime.ensureLoaded();
        REORDER = Dispatcher.singleton().findSchemaOrThrow("mkldnn::_reorder_linear_weight", "");
        LINEAR = Dispatcher.singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "");
        Argument scalars = LINEAR.schema().arguments().getPointer(SCALARS_ARGUMENT);
        SCALAR_TYPE = scalars.type().get().containedType(0);
    }

    private final org.bytedeco.pytorch.Tensor packed;

    /// Packs a matrix.
    ///
    /// @param weight BFLOAT16 `[out, in]`; may be closed afterwards
    /// @param rows number of rows it is made for
    public PackedLinear(Tensor weight, int rows) {
        if (weight.dtype() != DType.BFLOAT16) {
            throw new TensorException("only BFLOAT16 weights are packed, got " + weight.dtype());
        }
        try (IValueVector stack = new IValueVector()) {
            push(stack, new IValue(weight.handle()));
            push(stack, new IValue((long) rows));
            REORDER.callBoxed(stack);
            this.packed = result(stack);
        }
    }

    /// Multiplies rows: x · Wᵀ.
    ///
    /// @param input BFLOAT16 `[n, in]`
    /// @return BFLOAT16 `[n, out]`
    public Tensor multiply(Tensor input) {
        try (IValueVector stack = new IValueVector();
                GenericList noScalars = new GenericList(SCALAR_TYPE)) {
            push(stack, new IValue(input.handle()));
            push(stack, new IValue(packed));
            push(stack, new IValue());
            push(stack, new IValue("none"));
            push(stack, new IValue(noScalars));
            push(stack, new IValue(""));
            LINEAR.callBoxed(stack);
            return Tensor.of(result(stack));
        }
    }

    /// A handle of its own: the one in the stack goes with the stack.
    private static org.bytedeco.pytorch.Tensor result(IValueVector stack) {
        return new org.bytedeco.pytorch.Tensor(stack.get(0).toTensor());
    }

    private static void push(IValueVector stack, IValue value) {
        try (value) {
            stack.push_back(value);
        }
    }

    @Override
    public void close() {
        packed.close();
    }
}
