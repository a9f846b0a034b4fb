package dev.saiki.convert.foreign;

import dev.saiki.checkpoint.safetensors.StoredType;
import java.util.List;

/// A matrix whose numbers are computed from other tensors when they are written.
public interface ComputedMatrix {

    /// Returns the name of the matrix in a checkpoint.
    ///
    /// @return the name, which ends with `.weight`
    String name();

    /// Returns the number format.
    ///
    /// @return F32, F16 or BF16
    StoredType type();

    /// Returns the sizes.
    ///
    /// @return the number of rows and of columns, both at least 1
    List<Long> shape();

    /// Computes neighbouring rows.
    ///
    /// @param firstRow the first row
    /// @param rows the number of rows
    /// @return the numbers, row-major, before they are rounded to the number format
    float[] numbers(long firstRow, int rows);
}
