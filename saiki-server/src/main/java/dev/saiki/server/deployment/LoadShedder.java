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
/// With an effort control, shedding lowers the effort from the model's default, or from 1 if the default's certificate
/// was revoked; otherwise it lowers the limit on depth. It applies to requests that leave their depth to the server:
/// those that set no depth field, and those that set only `effort`, to the model's default, as a gateway does with
/// every request. A request that sets anything else is not changed, because its client pays for that depth and can
/// change it; a limit of all recursions (`max_depth`) refuses shedding and changes nothing else. A request that only
/// scores is not changed, because it measures the model. Running requests are not changed.
///
/// @param engine the engine whose queue is measured
/// @param options the options of load shedding; empty to shed nothing
public record LoadShedder(Engine engine, Optional<SheddingOptions> options) {

    /// The number of levels above 0.
    static final int LEVELS = 4;

    /// Shedding starts at this share of the target wait; it is below 1 because running requests are not changed.
    private static final double FROM_SHARE_OF_TARGET = 0.5;

    public LoadShedder {
        options = options.filter(_ -> !(engine.config().routing() instanceof Routing.None));
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

    /// Whether a request leaves its depth to the server.
    ///
    /// @param asked the depth settings that the request asks for
    boolean isLeftToServer(RouteSettings asked) {
        return asked.equals(RouteSettings.MODEL)
                || (engine.config().routing() instanceof Routing.ExpertThreshold routing
                        && asked.equals(RouteSettings.builder()
                                .effort(routing.defaultEffort())
                                .build()));
    }

    /// Lowers the depth of a request under load.
    ///
    /// @param usual the depth settings without load of a request that leaves its depth to the server
    Shed shed(RouteSettings usual) {
        int level = level();
        return level == 0
                ? new Shed(usual, 0)
                : new Shed(route(engine.config(), usual, options.orElseThrow().floor(), level), level);
    }

    /// The depth settings at a level.
    static RouteSettings route(ModelConfig config, RouteSettings usual, double floor, int level) {
        double taken = (double) level / LEVELS;
        if (config.routing() instanceof Routing.ExpertThreshold routing) {
            double most = usual.effort().orElse(routing.defaultEffort());
            double least = Math.clamp(floor, routing.effortGrid().getFirst(), most);
            return usual.toBuilder().effort(most - (most - least) * taken).build();
        }
        int all = config.numRecursions();
        int least = (int) Math.ceil(floor * all);
        return RouteSettings.within(1, all - (int) Math.round((all - least) * taken));
    }
}
