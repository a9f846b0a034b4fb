package dev.saiki.convert.foreign;

import java.nio.file.Path;
import java.util.Optional;

/// The companion files of a model's weights, such as the tokenizer.
///
/// @param tokenizer the model's `tokenizer.json`
/// @param template the model's chat template
public record Companions(Optional<Path> tokenizer, Optional<String> template) {}
