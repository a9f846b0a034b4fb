package dev.saiki.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Type;

/// A weight matrix in oneDNN's packed layout, for products with many rows.
///
/// {@link Functional#linear} repacks the weights in every call. The layout is chosen for an expected number of
/// rows; other numbers of rows work too. The operators for packed weights are registered with LibTorch's
/// dispatcher, but have no method in the Java binding.
public abstract sealed class PackedLinear implements AutoCloseable {

    /// The byte that represents zero in 8-bit rows. Rows are unsigned: before AMX, processors could multiply bytes
    /// only if one operand was unsigned, and oneDNN computes other products a thousand times more slowly.
    public static final int ZERO_POINT = 128;

    private final org.bytedeco.pytorch.Tensor packed;

    private PackedLinear(org.bytedeco.pytorch.Tensor packed) {
        this.packed = packed;
    }

    /// Packs a matrix in bfloat16.
    ///
    /// @param weight BFLOAT16 `[out, in]`; may be closed after packing
    /// @param rows the expected number of rows
    /// @return a packed matrix that multiplies BFLOAT16 rows and returns BFLOAT16 rows
    public static PackedLinear bFloat16(Tensor weight, int rows) {
        require(weight, DType.BFLOAT16);
        return new BFloat16Linear(weight, rows);
    }

    /// Packs an 8-bit matrix.
    ///
    /// A product is a sum of integers, which is exact in 32 bits for up to 2^17 inputs, multiplied by the output's
    /// scale and rounded once to float32. The result for a row therefore does not depend on the other rows.
    ///
    /// @param weight INT8 `[out, in]`; may be closed after packing
    /// @param scales FLOAT32 `[out]`, the scale of each output; may be closed after packing
    /// @return a packed matrix that multiplies UINT8 rows, whose zero is {@link #ZERO_POINT}, and returns FLOAT32
    ///     rows
    public static PackedLinear int8(Tensor weight, Tensor scales) {
        require(weight, DType.INT8);
        require(scales, DType.FLOAT32);
        return new Int8Linear(weight, scales);
    }

    /// Tells whether this processor multiplies 8-bit integers exactly and fast. A trial decides, because the
    /// processor's instruction sets do not reveal which implementation oneDNN chooses: on processors without the
    /// instructions the implementation is slow, or its sums overflow in 16 bits.
    ///
    /// @return whether {@link #int8} is worth using
    public static boolean multipliesInt8() {
        return Trial.PASSED;
    }

    /// A trial with the largest 8-bit products. The sum of the products is just below 2^24, the limit below which
    /// float32 represents every integer.
    private static final class Trial {

        private static final int ROWS = 8;
        private static final int INPUTS = 1024;
        private static final int OUTPUTS = 64;
        private static final byte LARGEST = 127;
        private static final float EXPECTED = (float) LARGEST * LARGEST * INPUTS;
        /// The fast implementation takes about 20 microseconds, the slow one 14 milliseconds.
        private static final long MAX_NANOS = 3_000_000;

        static final boolean PASSED = passes();

        private static boolean passes() {
            try (TensorScope _ = TensorScope.open();
                    Autograd _ = Autograd.off();
                    PackedLinear linear = int8(filled(LARGEST, OUTPUTS, DType.INT8), ones())) {
                Tensor rows = filled((byte) (LARGEST + ZERO_POINT), ROWS, DType.UINT8);
                linear.multiply(rows);
                long fastest = Long.MAX_VALUE;
                boolean exact = true;
                for (int i = 0; i < 3; i++) {
                    long start = System.nanoTime();
                    Tensor product = linear.multiply(rows);
                    fastest = Math.min(fastest, System.nanoTime() - start);
                    for (float sum : product.toFloats()) {
                        exact &= sum == EXPECTED;
                    }
                }
                return exact && fastest <= MAX_NANOS;
            }
        }

        private static Tensor filled(byte value, int rows, DType type) {
            Tensor tensor = Tensors.empty(type, rows, INPUTS);
            Tensors.segmentOf(tensor).fill(value);
            return tensor;
        }

        private static Tensor ones() {
            float[] scales = new float[OUTPUTS];
            Arrays.fill(scales, 1);
            return Tensors.of(scales, OUTPUTS);
        }
    }

    private static void require(Tensor tensor, DType type) {
        if (tensor.dtype() != type) {
            throw new TensorException("the tensor must have type " + type + ", got " + tensor.dtype());
        }
    }

    /// Multiplies rows: x · Wᵀ.
    ///
    /// @param input `[n, in]`: BFLOAT16 for BFLOAT16 weights, UINT8 for INT8 weights
    /// @return `[n, out]`
    public abstract Tensor multiply(Tensor input);

    final org.bytedeco.pytorch.Tensor packed() {
        return packed;
    }

    @Override
    public void close() {
        packed.close();
    }

    private static final class BFloat16Linear extends PackedLinear {

        private static final OperatorHandle REORDER = operator("mkldnn::_reorder_linear_weight");
        private static final OperatorHandle LINEAR = operator("mkldnn::_linear_pointwise");

        /// The element type of the product's argument that is a list of scalars.
        private static final Type.TypePtr SCALAR = elementOfArgument(LINEAR, 4);

        BFloat16Linear(Tensor weight, int rows) {
            super(pack(weight, rows));
        }

        private static org.bytedeco.pytorch.Tensor pack(Tensor weight, int rows) {
            try (IValueVector stack = new IValueVector()) {
                push(stack, new IValue(weight.handle()));
                push(stack, new IValue((long) rows));
                return call(REORDER, stack);
            }
        }

        @Override
        public Tensor multiply(Tensor input) {
            try (IValueVector stack = new IValueVector();
                    GenericList noScalars = new GenericList(SCALAR)) {
                push(stack, new IValue(input.handle()));
                push(stack, new IValue(packed()));
                push(stack, new IValue());
                push(stack, new IValue("none"));
                push(stack, new IValue(noScalars));
                push(stack, new IValue(""));
                return Tensor.of(call(LINEAR, stack));
            }
        }
    }

    private static final class Int8Linear extends PackedLinear {

        private static final OperatorHandle PREPACK = operator("onednn::qlinear_prepack");
        private static final OperatorHandle LINEAR = operator("onednn::qlinear_pointwise");

        /// The element type of the product's argument that is a list of scalars.
        private static final Type.TypePtr SCALAR = elementOfArgument(LINEAR, 11);

        private static final double ONE = 1;

        private final org.bytedeco.pytorch.Tensor scales;
        private final org.bytedeco.pytorch.Tensor zeroPoints;

        Int8Linear(Tensor weight, Tensor scales) {
            super(pack(weight));
            this.scales = new org.bytedeco.pytorch.Tensor(scales.handle());
            try (TensorScope _ = TensorScope.open()) {
                this.zeroPoints = new org.bytedeco.pytorch.Tensor(
                        Tensors.zeros(DType.INT32, scales.shape()).handle());
            }
        }

        /// Packs without an expected number of rows, because with such a number, products of many more rows
        /// fall back to a slow implementation.
        private static org.bytedeco.pytorch.Tensor pack(Tensor weight) {
            try (IValueVector stack = new IValueVector()) {
                push(stack, new IValue(weight.handle()));
                push(stack, new IValue());
                return call(PREPACK, stack);
            }
        }

        @Override
        public Tensor multiply(Tensor input) {
            try (IValueVector stack = new IValueVector();
                    GenericList noScalars = new GenericList(SCALAR)) {
                push(stack, new IValue(input.handle()));
                push(stack, new IValue(ONE));
                push(stack, new IValue((long) ZERO_POINT));
                push(stack, new IValue(packed()));
                push(stack, new IValue(scales));
                push(stack, new IValue(zeroPoints));
                push(stack, new IValue());
                push(stack, new IValue(ONE));
                push(stack, new IValue(0L));
                push(stack, new IValue((long) DType.FLOAT32.scalarType().value));
                push(stack, new IValue("none"));
                push(stack, new IValue(noScalars));
                push(stack, new IValue(""));
                return Tensor.of(call(LINEAR, stack));
            }
        }

        @Override
        public void close() {
            super.close();
            scales.close();
            zeroPoints.close();
        }
    }

    private static OperatorHandle operator(String name) {
        TorchRuntime.ensureLoaded();
        return Dispatcher.singleton().findSchemaOrThrow(name, "");
    }

    private static Type.TypePtr elementOfArgument(OperatorHandle operator, int place) {
        Argument argument = operator.schema().arguments().getPointer(place);
        return argument.type().get().containedType(0);
    }

    /// Calls an operator and returns a new handle, because the handle on the stack is freed with the stack.
    private static org.bytedeco.pytorch.Tensor call(OperatorHandle operator, IValueVector stack) {
        operator.callBoxed(stack);
        return new org.bytedeco.pytorch.Tensor(stack.get(0).toTensor());
    }

    private static void push(IValueVector stack, IValue value) {
        try (value) {
            stack.push_back(value);
        }
    }
}
