package dev.saiki.cli.bench;

import dev.saiki.engine.settings.DepthHistogram;
import dev.saiki.engine.settings.RouteSettings;
import java.util.List;
import java.util.Locale;

/// A way to assign depths to tokens while an engine is being measured.
///
/// @param kind the kind of the assignment
/// @param shares the shares of the tokens by depth, starting at depth 1; empty if the model's router decides
record DepthAssignment(Kind kind, List<Double> shares) {

    /// The model's router.
    static final DepthAssignment ROUTED = new DepthAssignment(Kind.ROUTED, List.of());

    /// The ways to choose the depth of a token.
    enum Kind {
        /// The model's router.
        ROUTED,
        /// Forced shares of depths. Each sequence goes deep independently of the others, as with a router.
        RAGGED,
        /// Forced shares of depths, with all sequences going deep together, so that batches are as full as
        /// possible.
        ALIGNED
    }

    /// The depth settings in the request of a sequence.
    ///
    /// @param sequence the index of the sequence among those that run at the same time
    RouteSettings route(int sequence) {
        return switch (kind) {
            case ROUTED -> RouteSettings.MODEL;
            case RAGGED -> forced(sequence);
            case ALIGNED -> forced(0);
        };
    }

    private RouteSettings forced(int offset) {
        return RouteSettings.builder()
                .forced(new DepthHistogram(shares, offset))
                .build();
    }

    /// The name in the output.
    String key() {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
