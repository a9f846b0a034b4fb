package dev.saiki.engine.kernel;

import dev.saiki.io.InputException;
import java.lang.reflect.InvocationTargetException;

/// The check for the module of the Vector API.
///
/// Java warns about it when a process starts with it (`--add-modules`), whatever the process then does. A process
/// that may (`--add-exports`, as the launcher says) loads it here instead, when an engine first needs it and
/// without a warning, as the JVM itself loads modules that it finds out to need. No public way gives its packages
/// to the boot loader, and outside of that the compiler does not know its methods.
public final class VectorModule {

    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /// Makes sure that the module is there.
    ///
    /// @throws InputException if the process was not started in a way that lets it be there
    public static void require() {
        if (!isThere()) {
            load();
        }
    }

    private static boolean isThere() {
        try {
            Class<?> _ = Class.forName(NAME + ".Vector", false, null);
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    private static void load() {
        try {
            Object _ = Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, NAME);
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | IllegalAccessException
                | InvocationTargetException e) {
            throw new InputException("the engine computes with the Vector API: run java with --add-modules " + NAME, e);
        }
    }
}
