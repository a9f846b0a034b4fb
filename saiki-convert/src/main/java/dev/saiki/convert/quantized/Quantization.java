package dev.saiki.convert.quantized;

import dev.saiki.convert.foreign.ComputedMatrix;
import java.util.List;

/// The quantization of a model's matrices, as its `quantization_config` describes it.
sealed interface Quantization permits PackedIntegers, ScaledBlocks {

    /// Reads the description.
    ///
    /// @throws dev.saiki.io.InputException if the quantization is not supported; the message names the key
    static Quantization of(QuantizationKeys keys) {
        return switch (keys.word("quant_method").orElse("")) {
            case "gptq" -> PackedIntegers.gptq(keys);
            case "awq" -> PackedIntegers.awq(keys);
            case "fp8" -> ScaledBlocks.of(keys);
            default ->
                throw keys.wrong(
                        "quant_method",
                        "gptq, awq or fp8 (otherwise import the unquantized model or a GGUF file of it)");
        };
    }

    /// The name of the quantization.
    String description();

    /// The endings of the names of a matrix's tensors. Only quantized matrices have a tensor with the first one.
    List<String> endings();

    /// Reads a matrix.
    ///
    /// @throws dev.saiki.io.InputException if a tensor is missing or does not fit the others; the message names it
    ComputedMatrix matrix(MatrixParts parts);
}
