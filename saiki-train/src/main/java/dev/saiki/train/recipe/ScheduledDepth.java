package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import dev.saiki.io.yaml.SectionReader;
import tools.jackson.databind.node.ArrayNode;

/// A recursion depth, and the point of the run, as a share of its steps, from which the depth applies.
///
/// The share counts steps, not FLOPs. A share of steps is also a share of tokens, so models of different shapes
/// change depth at the same text; warm-up and decay use the same scale.
///
/// @param from the share of the run's steps, in [0, 1)
/// @param depth the maximum number of recursions of a token from that point on
public record ScheduledDepth(double from, int depth) {

    static ScheduledDepth read(SectionReader reader) {
        for (String key : new String[] {"from", "depth"}) {
            InputException.require(
                    reader.has(key), reader.pathOf(key) + " is missing; example entry: {from: 0.7, depth: 3}");
        }
        return new ScheduledDepth(reader.number("from", 0), reader.smallInteger("depth", 1));
    }

    void write(ArrayNode list) {
        list.addObject().put("from", from).put("depth", depth);
    }

    @Override
    public String toString() {
        return "{from: " + from + ", depth: " + depth + "}";
    }
}
