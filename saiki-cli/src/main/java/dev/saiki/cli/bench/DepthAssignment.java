package dev.saiki.cli.bench;

import dev.saiki.engine.settings.DepthHistogram;
import dev.saiki.engine.settings.RouteSettings;
import java.util.List;

/// A way to assign depths to tokens while an engine is measured.
sealed interface DepthAssignment {

    /// The depth settings in the request of a sequence.
    ///
    /// @param sequence its index among the concurrent ones
    RouteSettings route(int sequence);

    /// The name in the output.
    String key();

    /// The model's router.
    record Routed() implements DepthAssignment {

        @Override
        public RouteSettings route(int sequence) {
            return RouteSettings.MODEL;
        }

        @Override
        public String key() {
            return "routed";
        }
    }

    /// Forced shares of depths; each sequence goes deep at its own times, as with a router.
    ///
    /// @param shares of the tokens, by depth from 1
    record Ragged(List<Double> shares) implements DepthAssignment {

        @Override
        public RouteSettings route(int sequence) {
            return RouteSettings.builder()
                    .forced(new DepthHistogram(shares, sequence))
                    .build();
        }

        @Override
        public String key() {
            return "ragged";
        }
    }

    /// The same shares, but all sequences go deep together, so batches are as full as possible.
    ///
    /// @param shares of the tokens, by depth from 1
    record Aligned(List<Double> shares) implements DepthAssignment {

        @Override
        public RouteSettings route(int sequence) {
            return RouteSettings.builder().forced(new DepthHistogram(shares, 0)).build();
        }

        @Override
        public String key() {
            return "aligned";
        }
    }
}
