package dev.saiki.engine;

import dev.saiki.checkpoint.config.EffortRange;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.settings.DepthBounds;
import dev.saiki.engine.settings.DepthHistogram;
import dev.saiki.engine.settings.ForcedDepths;
import dev.saiki.engine.settings.PositionDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/// The checks of requests against the limits of the model and the engine. Requests are checked before they are
/// queued.
///
/// @param config the configuration of the model
/// @param cacheBytes maximum memory for keys and values
/// @param maxPages number of pages in this memory
/// @param pagesOfTokens maximum number of pages of a sequence with a given number of tokens
record RequestValidator(ModelConfig config, long cacheBytes, int maxPages, IntUnaryOperator pagesOfTokens) {

    private static final String EFFORT = "effort";

    /// Checks a text and its depth settings.
    ///
    /// @param what description of the text, for messages
    /// @param ids the ids of the text
    /// @param route depth settings
    /// @param readTokens number of the text's tokens that the model processes
    /// @param maxTokens maximum number of tokens generated after the text
    /// @throws InputException if a token id is unknown, if the model does not support the effort or depth, or if
    ///     the tokens do not fit
    void require(String what, int[] ids, RouteSettings route, int readTokens, int maxTokens) {
        requireIds(what, ids);
        requireRoute(route);
        requireRoom(readTokens, maxTokens);
    }

    /// Checks that a text is not empty.
    ///
    /// @param purpose use of the text, for the message
    /// @throws InputException if the text is empty
    static void requireTokens(String purpose, int[] ids) {
        InputException.require(ids.length != 0, "a text to " + purpose + " must have at least 1 token, got 0");
    }

    private void requireIds(String what, int[] ids) {
        for (int id : ids) {
            if (id < 0 || id >= config.vocabSize()) {
                throw InputException.of(what, "a token id", "from 0 to " + (config.vocabSize() - 1), id);
            }
        }
    }

    private void requireRoute(RouteSettings route) {
        route.forced().ifPresent(this::requireForced);
        requireBounds(route.bounds());
        route.effort().ifPresent(effort -> EffortRange.require(config, EFFORT, effort));
    }

    /// Depth bounds have no effect on a model without recursions, so they are not checked for such a model.
    private void requireBounds(DepthBounds bounds) {
        if (config.numRecursions() > 1) {
            requireDepth("min_depth", bounds.min());
            bounds.max().ifPresent(max -> requireDepth("max_depth", max));
        }
    }

    private void requireDepth(String field, int depth) {
        int most = config.numRecursions();
        InputException.require(depth <= most, field, "from 1 to " + most + ", the model's number of recursions", depth);
    }

    private void requireForced(ForcedDepths forced) {
        int most = config.numRecursions();
        switch (forced) {
            case DepthHistogram(List<Double> shares, long _) -> {
                if (shares.size() != most) {
                    throw new InputException(
                            "depths must have one share for each of the " + most + " recursions, got " + shares);
                }
            }
            case PositionDepths(Map<Integer, Integer> depths) -> {
                if (config.routing() instanceof Routing.None) {
                    throw new InputException("depths cannot be forced in a model without a router");
                }
                depths.values().forEach(depth -> InputException.requireBetween("depths", depth, 1, most));
            }
        }
    }

    private void requireRoom(int promptTokens, int maxTokens) {
        long longest = promptTokens + (long) maxTokens;
        InputException.require(
                longest <= config.maxPositionEmbeddings(),
                "max_tokens",
                "at most " + Math.max(0, config.maxPositionEmbeddings() - promptTokens) + " after a prompt of "
                        + promptTokens + " tokens, since the model's context has " + config.maxPositionEmbeddings()
                        + " tokens",
                maxTokens);
        int pages = pagesOfTokens.applyAsInt((int) longest);
        if (pages > maxPages) {
            throw new InputException("prompt and answer of " + longest + " tokens may need " + pages
                    + " pages of keys and values, but cache_bytes = " + cacheBytes + " has room for " + maxPages);
        }
    }
}
