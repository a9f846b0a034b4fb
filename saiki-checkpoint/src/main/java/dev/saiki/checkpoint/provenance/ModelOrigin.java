package dev.saiki.checkpoint.provenance;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// The model of another tool from which a checkpoint was imported.
///
/// @param format the source format, such as `GGUF`
/// @param architecture the architecture's name in the source format, such as `llama`
/// @param types the number formats of the source tensors
/// @param files the imported files
/// @param saikiVersion version of Saiki that imported the model
/// @param imported the time of the import, to the second
@JsonIgnoreProperties("widened") // In manifests of models whose blocks were converted to float32 at import.
public record ModelOrigin(
        String format,
        String architecture,
        List<String> types,
        List<SourceFile> files,
        String saikiVersion,
        Instant imported) {

    /// Copies the mutable components.
    public ModelOrigin {
        types = List.copyOf(types);
        files = List.copyOf(files);
        imported = imported.truncatedTo(ChronoUnit.SECONDS);
    }
}
