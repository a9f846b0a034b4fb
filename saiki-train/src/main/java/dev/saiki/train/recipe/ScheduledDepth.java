package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import dev.saiki.io.yaml.SectionReader;
import tools.jackson.databind.node.ArrayNode;

/// A depth of the recursion, and the share of the steps after which it applies.
///
/// The share is one of steps and not of FLOPs: it is one of tokens too, so that models of unlike shapes
/// change depth at the same text, and it lies on the scale of warm-up and decay.
///
/// @param from share of the run's steps, in [0, 1)
/// @param depth the most recursions that a token may take from there on
public record ScheduledDepth(double from, int depth) {

    static ScheduledDepth read(SectionReader reader) {
        for (String key : new String[] {"from", "depth"}) {
            if (!reader.has(key)) {
                throw new InputException(reader.pathOf(key) + " is missing; an entry is such as {from: 0.7, depth: 3}");
            }
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
