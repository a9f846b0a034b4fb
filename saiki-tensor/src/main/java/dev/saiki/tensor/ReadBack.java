package dev.saiki.tensor;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.jspecify.annotations.Nullable;

/// The read-back of tensor values to Java, recorded by {@link TensorObservation}.
final class ReadBack {

    private ReadBack() {}

    static double item(Tensor tensor) {
        double @Nullable [] told = TensorObservation.noteReadBack(tensor);
        return told == null ? tensor.handle().item_double() : told[0];
    }

    static float[] floats(Tensor tensor) {
        double @Nullable [] told = TensorObservation.noteReadBack(tensor);
        float[] values = new float[Math.toIntExact(tensor.count())];
        if (told != null) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) told[i];
            }
        } else if (values.length > 0) {
            try (TensorScope _ = TensorScope.open();
                    FloatPointer data =
                            new FloatPointer(onCpu(tensor, DType.FLOAT32).data_ptr())) {
                data.get(values);
            }
        }
        return values;
    }

    static double[] doubles(Tensor tensor) {
        double @Nullable [] told = TensorObservation.noteReadBack(tensor);
        if (told != null) {
            return told;
        }
        double[] values = new double[Math.toIntExact(tensor.count())];
        if (values.length > 0) {
            try (TensorScope _ = TensorScope.open();
                    DoublePointer data =
                            new DoublePointer(onCpu(tensor, DType.FLOAT64).data_ptr())) {
                data.get(values);
            }
        }
        return values;
    }

    static long[] longs(Tensor tensor) {
        double @Nullable [] told = TensorObservation.noteReadBack(tensor);
        long[] values = new long[Math.toIntExact(tensor.count())];
        if (told != null) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (long) told[i];
            }
        } else if (values.length > 0) {
            try (TensorScope _ = TensorScope.open();
                    LongPointer data =
                            new LongPointer(onCpu(tensor, DType.INT64).data_ptr())) {
                data.get(values);
            }
        }
        return values;
    }

    /// The elements, row by row, in CPU memory, in the caller's scope.
    private static org.bytedeco.pytorch.Tensor onCpu(Tensor tensor, DType type) {
        Tensor plain = Autograd.detach(tensor).to(type).contiguous();
        return (plain.handle().is_cpu() ? plain : plain.to(Device.CPU)).handle();
    }
}
