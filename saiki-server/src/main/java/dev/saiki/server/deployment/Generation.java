package dev.saiki.server.deployment;

import dev.saiki.engine.Engine;
import dev.saiki.server.access.Route;
import dev.saiki.server.audit.ModelVersion;
import java.util.List;
import java.util.function.Supplier;

/// A model while it is served, and all that answers with it. Requests that have begun with it end with it, whatever is
/// loaded meanwhile.
public final class Generation {

    private final long number;
    private final String folder;
    private final Engine engine;
    private final LoadShedder shedder;
    private final Supplier<ModelVersion> version;
    private final List<Route> routes;
    private int inside;
    private boolean retired;

    /// Makes a generation that nobody uses yet.
    ///
    /// @param number rises by 1 with every checkpoint that is loaded
    /// @param folder name of the checkpoint's folder
    /// @param shedder of the model
    /// @param version what records call the model; asked for when first needed
    /// @param routes what answers with it
    public Generation(
            long number, String folder, LoadShedder shedder, Supplier<ModelVersion> version, List<Route> routes) {
        this.number = number;
        this.folder = folder;
        this.engine = shedder.engine();
        this.shedder = shedder;
        this.version = version;
        this.routes = List.copyOf(routes);
    }

    public long number() {
        return number;
    }

    public String folder() {
        return folder;
    }

    public Engine engine() {
        return engine;
    }

    public LoadShedder shedder() {
        return shedder;
    }

    public Supplier<ModelVersion> version() {
        return version;
    }

    public List<Route> routes() {
        return routes;
    }

    /// A request begins with it.
    ///
    /// @return whether it still may
    public synchronized boolean enter() {
        if (retired) {
            return false;
        }
        inside++;
        return true;
    }

    /// A request has ended.
    public synchronized void leave() {
        inside--;
        closeIfDone();
    }

    /// Nobody begins with it any more; the engine is closed when the last request has ended.
    synchronized void retire() {
        retired = true;
        closeIfDone();
    }

    private void closeIfDone() {
        if (retired && inside == 0) {
            // Elsewhere, for it waits for the engine's thread.
            Thread.ofVirtual().name("saiki-retire").start(engine::close);
        }
    }
}
