package dev.saiki.cli.serving;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/// A listener to SIGHUP, by which daemons are told to read their files again.
///
/// The JDK's only way is `sun.misc.Signal` of the module jdk.unsupported, at which javac warns, and that
/// warning cannot be suppressed; so it is looked up when it is needed. Where there is no such signal, or the
/// process was started with it ignored, as by `nohup`, nothing is listened to.
final class HangupListener {

    private HangupListener() {}

    /// Listens from now on, until the process ends.
    ///
    /// @param action what to do; called on a thread of its own
    /// @return whether the signal can come
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
            // Windows has none, and a JVM may have been told to leave signals alone.
            return false;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a JDK without sun.misc.Signal", e);
        }
    }
}
