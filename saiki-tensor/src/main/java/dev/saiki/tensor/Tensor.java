package dev.saiki.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// An n-dimensional array in native memory, with its operations.
///
/// A tensor belongs to the {@link TensorScope} that was innermost at its creation and is freed with it. Operations
/// do not change their operands, except {@link #copyFrom} and those whose name ends in `InPlace`, and record
/// gradients ({@link Autograd}) when an operand requires them. Dimensions may be counted from the end with
/// negative numbers, as in PyTorch. If LibTorch rejects an operation, for example because of a shape, it throws a
/// `RuntimeException` with LibTorch's own message.
public final class Tensor implements AutoCloseable {

    private final org.bytedeco.pytorch.Tensor handle;

    /// The scope that frees this handle; null if the handle lives until it is closed.
    @Nullable
    TensorScope scope;

    private boolean closed;

    private Tensor(org.bytedeco.pytorch.Tensor handle) {
        this.handle = handle;
        this.scope = TensorScope.track(this);
        TensorObservation.noteMade(this);
    }

    static Tensor of(org.bytedeco.pytorch.Tensor handle) {
        return new Tensor(handle);
    }

    org.bytedeco.pytorch.Tensor handle() {
        if (closed) {
            throw new TensorException("the tensor was freed with its scope; move it out with TensorScope.keep");
        }
        return handle;
    }

    // ---- properties ----

    /// Returns the length of every dimension.
    ///
    /// @return the shape
    public long[] shape() {
        long[] shape = new long[dimensions()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = handle().size(i);
        }
        return shape;
    }

    /// Returns the number of dimensions.
    ///
    /// @return 0 for a scalar
    public int dimensions() {
        return Math.toIntExact(handle().dim());
    }

    /// Returns the length of one dimension.
    ///
    /// @param dimension the dimension
    /// @return the length of the dimension
    public long size(int dimension) {
        return handle().size(dimension);
    }

    /// Returns the number of elements.
    ///
    /// @return the product of all lengths
    public long count() {
        return handle().numel();
    }

    /// Returns the number format.
    ///
    /// @return the type of the elements
    public DType dtype() {
        return DType.of(handle().scalar_type());
    }

    /// Returns the device of the elements.
    ///
    /// @return the device
    public Device device() {
        return DeviceTensors.deviceOf(handle());
    }

    // ---- elementwise arithmetic ----

    /// Adds elementwise, with broadcasting.
    ///
    /// @param other the summand
    /// @return the sum
    public Tensor add(Tensor other) {
        return of(handle().add(other.handle()));
    }

    /// Adds a number to every element.
    ///
    /// @param value the number
    /// @return the sum
    public Tensor add(double value) {
        try (Scalar scalar = new Scalar(value)) {
            return of(handle().add(scalar));
        }
    }

    /// Subtracts elementwise, with broadcasting.
    ///
    /// @param other the subtrahend
    /// @return the difference
    public Tensor subtract(Tensor other) {
        return of(torch.sub(handle(), other.handle()));
    }

    /// Multiplies elementwise, with broadcasting.
    ///
    /// @param other the factor
    /// @return the product
    public Tensor multiply(Tensor other) {
        return of(handle().mul(other.handle()));
    }

    /// Multiplies every element by a number.
    ///
    /// @param value the number
    /// @return the product
    public Tensor multiply(double value) {
        try (Scalar scalar = new Scalar(value)) {
            return of(handle().mul(scalar));
        }
    }

    /// Adds the elementwise product of two tensors.
    ///
    /// @param first one factor
    /// @param second the other factor
    /// @return this + first · second
    public Tensor addProduct(Tensor first, Tensor second) {
        return of(handle().addcmul(first.handle(), second.handle()));
    }

    /// Multiplies matrices in the last two dimensions, batched over the others.
    ///
    /// @param other `[…, m, k]`
    /// @return `[…, n, k]` for this `[…, n, m]`
    public Tensor matmul(Tensor other) {
        return of(handle().matmul(other.handle()));
    }

    /// Negates every element.
    ///
    /// @return the negative
    public Tensor negate() {
        return of(handle().neg());
    }

    /// Squares every element.
    ///
    /// @return the square
    public Tensor square() {
        return of(handle().square());
    }

    // ---- reductions ----

    /// Adds up all elements.
    ///
    /// @return a scalar
    public Tensor sum() {
        return of(handle().sum());
    }

    /// Averages all elements.
    ///
    /// @return a scalar
    public Tensor mean() {
        return of(handle().mean());
    }

    /// Averages along one dimension, which is removed.
    ///
    /// @param dimension the dimension
    /// @return the means
    public Tensor mean(int dimension) {
        try (ScalarTypeOptional type = new ScalarTypeOptional()) {
            return of(torch.mean(handle(), new long[] {dimension}, false, type));
        }
    }

    /// Selects the greatest elements along the last dimension.
    ///
    /// @param count the number of elements
    /// @return `[…, count]`, the greatest first
    public Tensor greatest(int count) {
        try (T_TensorTensor_T valuesAndIndices = handle().topk(count)) {
            return of(new org.bytedeco.pytorch.Tensor(valuesAndIndices.get0()));
        }
    }

    /// Tells whether every element is a finite number. Waits for the device.
    ///
    /// @return false if an element is NaN or infinite
    public boolean isFinite() {
        try (TensorScope _ = TensorScope.open()) {
            // Multiplication by zero keeps NaN and turns infinity into NaN, so the sum is zero only if all
            // elements are finite. The check takes a single pass.
            return multiply(0.0).sum().item() == 0.0;
        }
    }

    // ---- shape ----

    /// Returns the same elements in another shape; copies them only if the memory layout requires it.
    ///
    /// @param shape the length of each dimension; one may be -1, which stands for the length that remains
    /// @return the reshaped tensor
    public Tensor reshape(long... shape) {
        return of(handle().reshape(shape));
    }

    /// Exchanges two dimensions without copying.
    ///
    /// @param first one dimension
    /// @param second the other dimension
    /// @return a view
    public Tensor transpose(int first, int second) {
        return of(handle().transpose(first, second));
    }

    /// Selects a range of one dimension without copying.
    ///
    /// @param dimension the dimension
    /// @param start the first element
    /// @param length the number of elements
    /// @return a view
    public Tensor narrow(int dimension, long start, long length) {
        return of(handle().narrow(dimension, start, length));
    }

    /// Splits a dimension into pieces of equal length without copying.
    ///
    /// @param dimension the dimension
    /// @param length the length of a piece; divides the dimension's length
    /// @return views, in order
    public List<Tensor> split(int dimension, long length) {
        try (TensorVector pieces = torch.split(handle(), length, dimension)) {
            List<Tensor> views = new ArrayList<>();
            for (long i = 0; i < pieces.size(); i++) {
                views.add(of(new org.bytedeco.pytorch.Tensor(pieces.get(i))));
            }
            return views;
        }
    }

    /// Inserts a dimension of length one without copying.
    ///
    /// @param dimension the position of the new dimension
    /// @return a view
    public Tensor unsqueeze(int dimension) {
        return of(handle().unsqueeze(dimension));
    }

    /// Makes the elements contiguous, row by row; copies them only if they are not contiguous yet.
    ///
    /// @return a contiguous tensor
    public Tensor contiguous() {
        return of(handle().contiguous());
    }

    /// Copies the elements to new memory.
    ///
    /// @return the copy
    public Tensor copy() {
        return of(torch.clone(handle()));
    }

    /// Converts the elements to another number format; if the tensor already has that format, the same memory
    /// is returned.
    ///
    /// @param type the target type
    /// @return the converted tensor
    public Tensor to(DType type) {
        return of(handle().to(type.scalarType()));
    }

    /// Copies the elements to another device; if they are already there, the same memory is returned. A copy to
    /// the CPU waits for the device.
    ///
    /// @param device the target device
    /// @return the tensor on that device
    public Tensor to(Device device) {
        return of(DeviceTensors.copied(handle(), device, false));
    }

    // ---- indexing ----

    /// Selects elements of the first dimension.
    ///
    /// @param index INT64 `[n]`
    /// @return a copy `[n, …]`
    public Tensor rows(Tensor index) {
        return MetaOperators.isFor(this)
                ? MetaOperators.rows(this, index)
                : of(handle().index_select(0, index.handle()));
    }

    /// Adds rows to a copy of this tensor: `source[i]` is added to row `index[i]`.
    ///
    /// @param index INT64 `[n]`
    /// @param source `[n, …]`
    /// @return the sum, with the shape of this tensor
    public Tensor addRows(Tensor index, Tensor source) {
        return MetaOperators.isFor(this)
                ? MetaOperators.addRows(this, index, source)
                : of(handle().index_add(0, index.handle(), source.handle()));
    }

    /// Replaces rows in a copy of this tensor: row `index[i]` becomes `source[i]`.
    ///
    /// @param index INT64 `[n]`, without repetition
    /// @param source `[n, …]`
    /// @return the result, with the shape of this tensor
    public Tensor replaceRows(Tensor index, Tensor source) {
        return MetaOperators.isFor(this)
                ? MetaOperators.replaceRows(this, index, source)
                : of(handle().index_copy(0, index.handle(), source.handle()));
    }

    /// Selects elements along a dimension, with one index per element of the result.
    ///
    /// @param dimension the dimension
    /// @param index INT64, of the result's shape
    /// @return the picked elements
    public Tensor gather(int dimension, Tensor index) {
        return of(handle().gather(dimension, index.handle()));
    }

    // ---- in place ----

    /// Adds a tensor to this one in place.
    ///
    /// @param other the summand, of the same shape; its type is converted if it differs
    /// @return this
    public Tensor addInPlace(Tensor other) {
        handle().add_(other.handle());
        return this;
    }

    /// Adds a matrix product to this tensor in place.
    ///
    /// @param first `[n, k]`
    /// @param second `[k, m]`
    /// @return this, `[n, m]`
    public Tensor addProductInPlace(Tensor first, Tensor second) {
        handle().addmm_(first.handle(), second.handle());
        return this;
    }

    /// Multiplies this tensor by a number in place.
    ///
    /// @param value the number
    /// @return this
    public Tensor multiplyInPlace(double value) {
        try (Scalar scalar = new Scalar(value)) {
            handle().mul_(scalar);
        }
        return this;
    }

    /// Sets every element to zero.
    ///
    /// @return this
    public Tensor zeroInPlace() {
        handle().zero_();
        return this;
    }

    /// Sets every element.
    ///
    /// @param value the number
    /// @return this
    public Tensor fillInPlace(double value) {
        try (Scalar scalar = new Scalar(value)) {
            handle().fill_(scalar);
        }
        return this;
    }

    /// Copies another tensor's elements into this tensor, and converts their type if it differs.
    ///
    /// @param source a tensor of the same shape
    /// @return this
    public Tensor copyFrom(Tensor source) {
        handle().copy_(source.handle());
        return this;
    }

    // ---- read back: these wait for the device, and {@link TensorObservation} counts them ----

    /// Returns the only element of a tensor of one element.
    ///
    /// @return the element
    public double item() {
        return ReadBack.item(this);
    }

    /// Copies the elements out, row by row.
    ///
    /// @return one float per element
    public float[] toFloats() {
        return ReadBack.floats(this);
    }

    /// Copies the elements out in double precision, row by row.
    ///
    /// @return one double for each element
    public double[] toDoubles() {
        return ReadBack.doubles(this);
    }

    /// Copies integer elements out, row by row.
    ///
    /// @return one long per element
    public long[] toLongs() {
        return ReadBack.longs(this);
    }

    /// Frees this handle; the memory is freed once no other handle and no recorded operation needs it.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            handle.deallocate();
            TensorScope.untrack();
        }
    }

    @Override
    public String toString() {
        return closed ? "Tensor(freed)" : "Tensor" + Arrays.toString(shape()) + dtype();
    }
}
