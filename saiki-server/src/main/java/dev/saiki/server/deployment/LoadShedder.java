package dev.saiki.server.deployment;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.settings.SheddingOptions;
import java.time.Duration;
import java.util.Optional;

/// The load-shedding rule, which lowers the depth of new requests step by step as waiting times and the queue
/// grow.
///
/// At level 0 nothing is shed. The last level, which applies the options' floor, is reached before the wait for a
/// first token equals the target, and before the queue is full. A single request does not wait for others, however
/// long its prompt is, and causes no shedding.
///
/// With an effort control, shedding lowers the effort from the model's default; otherwise it lowers the limit on
/// depth. A request that sets any depth field itself is not changed, because its client pays for that depth and
/// can change it. A request that only scores is not changed, because it measures the model. Running requests are
/// not changed.
public final class LoadShedder {

    /// The number of levels above 0.
    static final int LEVELS = 4;

    /// Shedding starts at this share of the target wait; it is below 1 because running requests are not changed.
    private static final double FROM_SHARE_OF_TARGET = 0.5;

    private final Engine engine;
    private final Optional<SheddingOptions> options;

    /// Creates the shedder of an engine.
    ///
    /// @param engine the engine whose queue is measured
    /// @param options the options of load shedding; empty to shed nothing
    public LoadShedder(Engine engine, Optional<SheddingOptions> options) {
        this.engine = engine;
        this.options = options.filter(_ -> !(engine.config().routing() instanceof Routing.None));
    }

    public Engine engine() {
        return engine;
    }

    /// The depth of a request after shedding.
    ///
    /// @param route the request's new depth settings
    /// @param level the level of shedding; 0 for none
    public record Shed(RouteSettings route, int level) {}

    /// The value of the header `Saiki-Shed`, which tells a client the level of shedding and the depth or effort
    /// that is left.
    public static String header(int level, RouteSettings route) {
        String left = route.effort().isEmpty()
                ? "max_depth=" + route.bounds().max().orElseThrow()
                : "effort=" + Math.round(route.effort().getAsDouble() * 1e4) / 1e4;
        return "level=" + level + "; " + left;
    }

    /// The current level.
    public int level() {
        return options.map(settings -> Math.max(
                        level(settings, engine.waiting(), engine.options().maxWaiting()),
                        level(settings, engine.longestWait())))
                .orElse(0);
    }

    /// The level for a queue length.
    public static int level(SheddingOptions settings, int waiting, int maxWaiting) {
        return settings.floor() == 1 || waiting == 0 ? 0 : level((double) waiting / maxWaiting, settings.from());
    }

    /// The level for the longest wait for a first token.
    public static int level(SheddingOptions settings, Duration longestWait) {
        return settings.floor() == 1 || settings.targetFirstToken().isZero()
                ? 0
                : level(
                        (double) longestWait.toNanos()
                                / settings.targetFirstToken().toNanos(),
                        FROM_SHARE_OF_TARGET);
    }

    private static int level(double fill, double from) {
        return fill < from ? 0 : Math.min(LEVELS, 1 + (int) ((fill - from) / (1 - from) * LEVELS));
    }

    /// Lowers the depth of a request under load, if the request leaves its depth to the server.
    ///
    /// @param route the depth settings of the request
    /// @param scores whether the request measures the model
    public Shed shed(RouteSettings route, boolean scores) {
        int level = level();
        boolean chosen = !route.equals(RouteSettings.MODEL);
        if (level == 0 || chosen || scores) {
            return new Shed(route, 0);
        }
        return new Shed(route(engine.config(), options.orElseThrow().floor(), level), level);
    }

    /// The depth settings at a level.
    public static RouteSettings route(ModelConfig config, double floor, int level) {
        double taken = (double) level / LEVELS;
        if (config.routing() instanceof Routing.ExpertThreshold routing) {
            double usual = routing.defaultEffort();
            double least = Math.clamp(floor, routing.effortGrid().getFirst(), usual);
            return RouteSettings.builder()
                    .effort(usual - (usual - least) * taken)
                    .build();
        }
        int all = config.numRecursions();
        int least = (int) Math.ceil(floor * all);
        return RouteSettings.within(1, all - (int) Math.round((all - least) * taken));
    }
}
