package dev.saiki.checkpoint;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `config.json` of a folder, possibly with quantized weights.
///
/// @param config the model, without the quantization
/// @param quantization the value of `quantization_config`, if there is one
/// @param type the number format of unquantized weights that the file names, by default BF16
public record FolderConfig(ModelConfig config, Optional<JsonNode> quantization, StoredType type) {

    static final String FILE = "config.json";

    private static final String QUANTIZATION = "quantization_config";

    /// Reads the configuration.
    ///
    /// @param folder the folder
    /// @return the configuration
    /// @throws InputException if the file is missing or malformed, or if Saiki does not support the model
    public static FolderConfig read(Path folder) {
        Path file = folder.resolve(FILE);
        JsonNode json = JsonFiles.read(file);
        Optional<JsonNode> quantization = Optional.empty();
        if (json instanceof ObjectNode object && json.hasNonNull(QUANTIZATION)) {
            quantization = Optional.of(object.remove(QUANTIZATION));
        }
        StoredType type =
                switch (json.path("dtype").stringValue(json.path("torch_dtype").stringValue(""))) {
                    case "float32" -> StoredType.F32;
                    case "float16" -> StoredType.F16;
                    default -> StoredType.BF16;
                };
        return new FolderConfig(ModelConfig.fromJson(json, file.toString()), quantization, type);
    }
}
