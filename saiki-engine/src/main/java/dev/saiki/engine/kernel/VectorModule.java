package dev.saiki.engine.kernel;

import dev.saiki.io.InputException;
import java.lang.reflect.InvocationTargetException;

/// The check that the module of the Vector API is available.
///
/// When a process starts with the module (`--add-modules`), Java prints a warning, whether or not the module is
/// used. A process with the required permission (`--add-exports`, which the launcher sets) loads the module here
/// instead, without a warning, when an engine first needs it. The module is loaded as the JVM itself loads modules
/// on demand. No public API can be used, because none assigns the module's packages to the boot loader. Only in
/// packages of the boot loader does the compiler recognise the module's methods as intrinsics.
public final class VectorModule {

    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /// Makes sure that the module is available, and loads it if necessary.
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
            throw new InputException("the engine needs the Vector API: run java with --add-modules " + NAME, e);
        }
    }
}
