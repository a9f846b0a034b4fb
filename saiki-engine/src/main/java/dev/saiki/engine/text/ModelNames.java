package dev.saiki.engine.text;

import dev.saiki.engine.Engine;
import java.nio.file.Path;

/// Names of models that nobody has named: those of their folders.
public final class ModelNames {

    private static final String NEWEST_OF_RUN = "last";

    private ModelNames() {}

    /// Names an engine's model.
    ///
    /// @param engine any
    /// @return the name of its checkpoint's folder; of a run's newest checkpoint, `last`, the run's name
    public static String of(Engine engine) {
        Path folder = engine.checkpoint().path().toAbsolutePath().normalize();
        Path parent = folder.getParent();
        Path name = folder.endsWith(NEWEST_OF_RUN) && parent != null ? parent.getFileName() : folder.getFileName();
        return name == null ? "model" : name.toString();
    }
}
