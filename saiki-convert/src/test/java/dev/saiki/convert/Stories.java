package dev.saiki.convert;

import java.nio.file.Path;

/// The files of a small trained model, see `golden/README.md`.
public final class Stories {

    /// The folder of these files.
    public static final Path FOLDER = Path.of("..", "golden", "stories260k");

    /// The model in llama2.c's first format.
    public static final Path MODEL = FOLDER.resolve("stories260K.bin");

    /// The model's vocabulary.
    public static final Path VOCABULARY = FOLDER.resolve("tok512.bin");

    private Stories() {}
}
