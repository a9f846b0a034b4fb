package dev.saiki.convert;

import java.nio.file.Path;

/// The place of a small trained model, see `golden/README.md`.
final class Stories {

    /// A Hugging Face folder with a tokenizer.
    static final Path CHECKPOINT = Path.of("..", "golden", "stories260k", "checkpoint");

    private Stories() {}
}
