package dev.saiki.cli.serving;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/// A listener to SIGHUP, the signal that makes daemons read their files again.
///
/// The JDK's only API for signals is `sun.misc.Signal` in the module jdk.unsupported, which is looked up by
/// reflection, since javac's warning about it cannot be suppressed. If the signal does not exist, or the process
/// was started with the signal ignored, as by `nohup`, the listener has no effect.
final class HangupListener {

    private HangupListener() {}

    /// Listens for the signal until the process ends.
    ///
    /// @param action called on a thread of its own
    /// @return whether the listener has an effect
    @SuppressWarnings("ReferenceEquality") // A proxy is equal to itself and to nothing else.
    static boolean listen(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object listener = Proxy.newProxyInstance(
                    HangupListener.class.getClassLoader(),
                    new Class<?>[] {handler},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            action.run();
                            yield null;
                        }
                        case "equals" -> proxy == arguments[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        default -> "saiki-hang-up";
                    });
            Object hangUp = signal.getConstructor(String.class).newInstance("HUP");
            Object before = signal.getMethod("handle", signal, handler).invoke(null, hangUp, listener);
            return before != handler.getField("SIG_IGN").get(null);
        } catch (InvocationTargetException unknownSignal) {
            // Windows has no SIGHUP, and a JVM can be started without signal handling.
            return false;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK has no sun.misc.Signal", e);
        }
    }
}
