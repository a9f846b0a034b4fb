package dev.saiki.convert.quantized;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.ComputedMatrix;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The quantization of FP8 models: eight-bit floats, with a scale for each block of a matrix.
///
/// @param rows the rows of a block
/// @param columns the columns of a block
record ScaledBlocks(int rows, int columns) implements Quantization {

    private static final String SCALES = ".weight_scale_inv";
    private static final String FLOATS = ".weight";

    static ScaledBlocks of(QuantizationKeys keys) {
        keys.choice("fmt", List.of("e4m3"));
        JsonNode sizes = keys.config().path("weight_block_size");
        int rows = sizes.path(0).intValue(0);
        int columns = sizes.path(1).intValue(0);
        keys.require(
                sizes.size() == 2 && rows > 0 && columns > 0,
                "weight_block_size",
                "the rows and columns of a block, such as [128, 128]");
        return new ScaledBlocks(rows, columns);
    }

    @Override
    public String description() {
        return "FP8";
    }

    @Override
    public List<String> endings() {
        return List.of(SCALES, FLOATS);
    }

    @Override
    public ComputedMatrix matrix(MatrixParts parts) {
        StoredTensor floats = parts.matrix(FLOATS, StoredType.F8_E4M3);
        List<Long> blocks = List.of(
                Math.ceilDiv(floats.shape().getFirst(), rows),
                Math.ceilDiv(floats.shape().getLast(), columns));
        return new ScaledMatrix(parts.name(), this, floats, parts.tensor(SCALES, MatrixParts.FLOATS, blocks));
    }
}
