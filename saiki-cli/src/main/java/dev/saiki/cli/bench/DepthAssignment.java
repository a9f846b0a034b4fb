package dev.saiki.cli.bench;

import dev.saiki.engine.settings.DepthHistogram;
import dev.saiki.engine.settings.RouteSettings;
import java.util.List;

/// The choice of who decides about the depth of tokens while an engine is measured.
sealed interface DepthAssignment {

    /// What a sequence's request says of depth.
    ///
    /// @param sequence its number among those at work together
    RouteSettings route(int sequence);

    /// What it is called in the output.
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

    /// Shares that are forced; each sequence goes deep at moments of its own, as with a router.
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

    /// The same shares, and all sequences go deep together: as full as batches can be.
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
