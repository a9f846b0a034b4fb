package dev.saiki.convert.foreign;

import java.nio.file.Path;
import java.util.Optional;

/// The files that lie beside a model's weights and go with it.
///
/// @param tokenizer its `tokenizer.json`
/// @param template its chat template
public record Companions(Optional<Path> tokenizer, Optional<String> template) {}
