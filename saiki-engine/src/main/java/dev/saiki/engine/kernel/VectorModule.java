package dev.saiki.engine.kernel;

import dev.saiki.io.InputException;
import java.lang.reflect.InvocationTargetException;

/// The check that the module of the Vector API is available.
///
/// Java prints a warning when a process starts with the module (`--add-modules`), whatever the process then does.
/// A process with the permission (`--add-exports`, as set by the launcher) loads it here instead, when an engine
/// first needs it and without a warning, in the way in which the JVM itself loads modules on demand. No public API
/// assigns its packages to the boot loader, and outside of that the compiler does not recognise its methods as
/// intrinsics.
public final class VectorModule {

    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /// Makes sure that the module is available.
    ///
    /// @throws InputException if the process was started without the options that make it available
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
