package dev.saiki.server.deployment;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.settings.SheddingOptions;
import java.util.Optional;

/// The rule that gives new requests less depth, step by step, the fuller the queue is: a shallower answer before
/// none.
///
/// At level 0 requests get what they would get; at the last level, which is reached before the queue is full, they
/// get the floor. Effort falls from the model's default where the model has the dial, and otherwise the bound on
/// depth. A request that says anything about depth itself is left alone, for that is what it pays for and what it
/// can change; and so is one that only scores, for it measures the model. What has begun goes on as it began.
public final class LoadShedder {

    /// Levels above 0.
    static final int LEVELS = 4;

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
    public record Shed(RouteSettings route, int level) {

        /// What clients are told.
        public String header() {
            String left = route.effort().isEmpty()
                    ? "max_depth=" + route.bounds().max().orElseThrow()
                    : "effort=" + Math.round(route.effort().getAsDouble() * 1e4) / 1e4;
            return "level=" + level + "; " + left;
        }
    }

    /// The level now.
    public int level() {
        return options.map(settings ->
                        level(settings, engine.waiting(), engine.options().maxWaiting()))
                .orElse(0);
    }

    /// The level at a queue.
    public static int level(SheddingOptions settings, int waiting, int maxWaiting) {
        double fill = (double) waiting / maxWaiting;
        if (settings.floor() == 1 || fill < settings.from() || waiting == 0) {
            return 0;
        }
        return Math.min(LEVELS, 1 + (int) ((fill - settings.from()) / (1 - settings.from()) * LEVELS));
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
