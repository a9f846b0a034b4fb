package dev.saiki.server.deployment;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.settings.SheddingOptions;
import java.time.Duration;
import java.util.Optional;

/// The load-shedding rule: it lowers the depth of new requests step by step as waiting times and the queue grow.
///
/// At level 0 requests get what they would get; at the last level, which is reached when a first token is as late as
/// the target allows, or before the queue is full, they get the floor. A request that is alone waits for nobody,
/// however long its prompt is, and sheds nothing.
///
/// Effort falls from the model's default where the model has the dial, and otherwise the bound on depth. A request
/// that says anything about depth itself is left alone, for that is what it pays for and what it can change; and so
/// is one that only scores, for it measures the model. What has begun goes on as it began.
public final class LoadShedder {

    /// Levels above 0.
    static final int LEVELS = 4;

    /// Share of the target at which it begins: what is shed now is felt by those who come later.
    private static final double FROM_SHARE_OF_TARGET = 0.5;

    private final Engine engine;
    private final Optional<SheddingOptions> options;

    /// Makes one for an engine.
    ///
    /// @param engine whose queue is looked at
    /// @param options empty sheds nothing
    public LoadShedder(Engine engine, Optional<SheddingOptions> options) {
        this.engine = engine;
        this.options = options.filter(_ -> !(engine.config().routing() instanceof Routing.None));
    }

    public Engine engine() {
        return engine;
    }

    /// The depth that is left to a request.
    ///
    /// @param route what it may ask of depth
    /// @param level how much was taken away; 0 for nothing
    public record Shed(RouteSettings route, int level) {}

    /// The header that tells a client what is left.
    public static String header(int level, RouteSettings route) {
        String left = route.effort().isEmpty()
                ? "max_depth=" + route.bounds().max().orElseThrow()
                : "effort=" + Math.round(route.effort().getAsDouble() * 1e4) / 1e4;
        return "level=" + level + "; " + left;
    }

    /// The level now.
    public int level() {
        return options.map(settings -> Math.max(
                        level(settings, engine.waiting(), engine.options().maxWaiting()),
                        level(settings, engine.longestWait())))
                .orElse(0);
    }

    /// The level at a queue.
    public static int level(SheddingOptions settings, int waiting, int maxWaiting) {
        return settings.floor() == 1 || waiting == 0 ? 0 : level((double) waiting / maxWaiting, settings.from());
    }

    /// The level when a request has waited for its first token.
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

    /// Takes depth away from a request, if many wait and it leaves its depth to the server.
    ///
    /// @param route what the request asks of depth
    /// @param scores whether it measures the model
    public Shed shed(RouteSettings route, boolean scores) {
        int level = level();
        boolean chosen = !route.equals(RouteSettings.MODEL);
        if (level == 0 || chosen || scores) {
            return new Shed(route, 0);
        }
        return new Shed(route(engine.config(), options.orElseThrow().floor(), level), level);
    }

    /// What is left at a level.
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
