package dev.saiki.checkpoint.provenance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// The model of another tool that a checkpoint was imported from.
///
/// @param format such as `GGUF`
/// @param architecture as the format calls it, such as `llama`
/// @param types number formats of its tensors
/// @param widened those of them that a checkpoint does not have, so that they became float32
/// @param files all that was read
/// @param saikiVersion of the program that read it
/// @param imported when, to the second
public record ModelOrigin(
        String format,
        String architecture,
        List<String> types,
        List<String> widened,
        List<SourceFile> files,
        String saikiVersion,
        Instant imported) {

    /// Keeps its own copies.
    public ModelOrigin {
        types = List.copyOf(types);
        widened = List.copyOf(widened);
        files = List.copyOf(files);
        imported = imported.truncatedTo(ChronoUnit.SECONDS);
    }
}
