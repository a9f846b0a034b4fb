package dev.saiki.model.attention;

import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A linear map of rows, with optional bias and low-rank updates.
///
/// @param parts maps whose outputs are concatenated; there is one map, unless only some outputs are trained
///     or changed by an adapter
/// @param updates low-rank updates of the concatenated outputs; empty for none
public record Linear(List<Part> parts, List<LowRankUpdate> updates) {

    /// A part of a linear map.
    ///
    /// @param weight `[out, in]`
    /// @param bias `[out]`, if the map adds a bias
    /// @param update the adapter's update, if there is one
    public record Part(Tensor weight, Optional<Tensor> bias, Optional<LowRankUpdate> update) {

        private Tensor apply(Tensor input) {
            Tensor products = bias.map(added -> Functional.linear(input, weight, added))
                    .orElseGet(() -> Functional.linear(input, weight));
            return update.map(low -> products.add(low.apply(input))).orElse(products);
        }

        private Part outputs(long from, long count) {
            return new Part(
                    weight.narrow(0, from, count),
                    bias.map(added -> added.narrow(0, from, count)),
                    update.map(low -> low.outputs(from, count)));
        }
    }

    /// Maps rows.
    ///
    /// @param input `[n, in]`
    /// @return `[n, out]`
    public Tensor apply(Tensor input) {
        Tensor output = sideBySide(parts.stream().map(part -> part.apply(input)).toList());
        return updates.isEmpty()
                ? output
                : output.add(sideBySide(
                        updates.stream().map(update -> update.apply(input)).toList()));
    }

    private static Tensor sideBySide(List<Tensor> outputs) {
        return outputs.size() == 1 ? outputs.getFirst() : Tensors.concatenate(outputs, -1);
    }

    /// Returns the map with low-rank updates.
    ///
    /// @param added updates of the concatenated outputs
    /// @return the copy
    public Linear with(List<LowRankUpdate> added) {
        return new Linear(parts, added);
    }

    /// Maps rows to some of the outputs only.
    ///
    /// @param from the index of the first of these outputs
    /// @param count the number of outputs; must cover whole updates, if there are updates
    Linear outputs(long from, long count) {
        List<Part> kept = new ArrayList<>();
        long before = 0;
        for (Part part : parts) {
            long size = part.weight().size(0);
            long first = Math.clamp(from - before, 0, size);
            long own = Math.clamp(from + count - before, 0, size) - first;
            if (own > 0) {
                kept.add(part.outputs(first, own));
            }
            before += size;
        }
        List<LowRankUpdate> updating = new ArrayList<>();
        long covered = 0;
        for (LowRankUpdate update : updates) {
            if (covered >= from && covered < from + count) {
                updating.add(update);
            }
            covered += update.up().size(0);
        }
        return new Linear(kept, updating);
    }
}
