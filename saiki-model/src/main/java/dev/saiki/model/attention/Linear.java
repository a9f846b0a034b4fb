package dev.saiki.model.attention;

import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A linear map of rows, with or without a bias.
///
/// @param parts maps whose outputs stand side by side: one, unless some are trained and some are frozen
public record Linear(List<Part> parts) {

    /// Keeps its own copy of the list.
    public Linear {
        parts = List.copyOf(parts);
    }

    /// Makes a map of one part.
    ///
    /// @param weight `[out, in]`
    /// @param bias `[out]`, if it adds one
    public Linear(Tensor weight, Optional<Tensor> bias) {
        this(List.of(new Part(weight, bias)));
    }

    /// A part of a linear map.
    ///
    /// @param weight `[out, in]`
    /// @param bias `[out]`, if it adds one
    public record Part(Tensor weight, Optional<Tensor> bias) {

        private Tensor apply(Tensor input) {
            return bias.map(added -> Functional.linear(input, weight, added))
                    .orElseGet(() -> Functional.linear(input, weight));
        }

        private Part first(long outputs) {
            return new Part(weight.narrow(0, 0, outputs), bias.map(added -> added.narrow(0, 0, outputs)));
        }
    }

    /// Maps rows.
    ///
    /// @param input `[n, in]`
    /// @return `[n, out]`
    public Tensor apply(Tensor input) {
        return parts.size() == 1
                ? parts.getFirst().apply(input)
                : Tensors.concatenate(
                        parts.stream().map(part -> part.apply(input)).toList(), -1);
    }

    /// Maps rows to the first outputs alone.
    ///
    /// @param outputs how many
    Linear first(long outputs) {
        List<Part> kept = new ArrayList<>();
        long left = outputs;
        for (Part part : parts) {
            long own = Math.min(left, part.weight().size(0));
            if (own > 0) {
                kept.add(part.first(own));
            }
            left -= own;
        }
        return new Linear(kept);
    }
}
