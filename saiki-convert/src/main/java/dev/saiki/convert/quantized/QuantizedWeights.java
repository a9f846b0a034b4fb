package dev.saiki.convert.quantized;

import dev.saiki.checkpoint.WeightDecoder;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.convert.foreign.ComputedMatrix;
import dev.saiki.convert.foreign.TemporaryTensors;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// The quantized weights of a Hugging Face folder, replaced by the weights that PyTorch computes from them.
public final class QuantizedWeights implements WeightDecoder {

    private final TemporaryTensors computed;
    private Optional<Quantization> quantization = Optional.empty();

    /// Creates a decoder.
    ///
    /// @param computed the file that will hold the dequantized matrices
    public QuantizedWeights(TemporaryTensors computed) {
        this.computed = computed;
    }

    /// Returns the quantization that was decoded.
    ///
    /// @return its name, such as `4-bit GPTQ`; empty if nothing was decoded
    public Optional<String> method() {
        return quantization.map(Quantization::description);
    }

    /// Reads the description of a quantization whose weights are missing.
    ///
    /// @param where the folder, for messages
    /// @param config the value of `quantization_config`
    /// @throws InputException if the quantization is not supported; the message names the key
    public void expect(String where, JsonNode config) {
        quantization = Optional.of(Quantization.of(new QuantizationKeys(where, config)));
    }

    @Override
    public SequencedMap<String, StoredTensor> decode(
            String where, JsonNode config, SequencedMap<String, StoredTensor> stored) throws IOException {
        Quantization found = Quantization.of(new QuantizationKeys(where, config));
        quantization = Optional.of(found);
        String mark = found.endings().getFirst();
        SequencedMap<String, StoredTensor> decoded = new LinkedHashMap<>(stored);
        for (String name : stored.sequencedKeySet()) {
            if (name.endsWith(mark)) {
                String base = name.substring(0, name.length() - mark.length());
                ComputedMatrix matrix = found.matrix(new MatrixParts(where, base, stored));
                found.endings().forEach(ending -> decoded.remove(base + ending));
                if (decoded.put(matrix.name(), computed.reserve(matrix)) != null) {
                    throw new InputException(
                            where + ": tensor " + matrix.name() + " is stored twice, quantized and as it is");
                }
            }
        }
        return decoded;
    }
}
