package dev.saiki.checkpoint.provenance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// The model of another tool from which a checkpoint was imported.
///
/// @param format the source format, such as `GGUF`
/// @param architecture the architecture's name in the source format, such as `llama`
/// @param types the number formats of the source tensors
/// @param widened the source formats that a checkpoint does not support; their tensors were converted to float32
/// @param files the imported files
/// @param saikiVersion version of Saiki that imported the model
/// @param imported the time of the import, to the second
public record ModelOrigin(
        String format,
        String architecture,
        List<String> types,
        List<String> widened,
        List<SourceFile> files,
        String saikiVersion,
        Instant imported) {

    /// Copies the mutable components.
    public ModelOrigin {
        types = List.copyOf(types);
        widened = List.copyOf(widened);
        files = List.copyOf(files);
        imported = imported.truncatedTo(ChronoUnit.SECONDS);
    }
}
