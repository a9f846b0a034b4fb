package dev.saiki.model.attention;

import dev.saiki.tensor.Tensor;
import java.util.Optional;

/// The weights of a norm.
///
/// @param weight `[width]`, as stored
/// @param bias `[width]`, if the norm has one
public record NormWeights(Tensor weight, Optional<Tensor> bias) {}
