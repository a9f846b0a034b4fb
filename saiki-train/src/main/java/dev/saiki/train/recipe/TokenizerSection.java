package dev.saiki.train.recipe;

import dev.saiki.io.yaml.SectionReader;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `tokenizer`: the tokenizer of the data.
///
/// @param file the path of `tokenizer.json`; by default the one in the prepared data folder
public record TokenizerSection(Optional<Path> file) {

    static TokenizerSection read(SectionReader reader) {
        return new TokenizerSection(reader.path("file"));
    }

    void write(ObjectNode section) {
        file.ifPresent(path -> section.put("file", path.toString()));
    }
}
