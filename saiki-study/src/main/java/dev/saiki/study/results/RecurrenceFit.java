package dev.saiki.study.results;

import java.util.Optional;

/// The fitted worth of a recursion: the exponent phi of the iso-depth law. By this law a model with r recursions
/// has the loss of a vanilla model with N_once + r^phi · N_rec parameters, where a token passes N_once parameters
/// once and N_rec in each recursion. With phi = 1, a recursion is worth an additional block of unshared layers;
/// with phi = 0, a recursion is worth nothing.
///
/// @param family the recursive or routed family, whose mean trained depth is the law's r
/// @param reference the vanilla family
/// @param cells number of models in the fit, of both families, where runs that differ only in their seed are one
///     model
/// @param phi the exponent
/// @param residual root mean square of the fit's residuals, nats; absent without a fit
public record RecurrenceFit(String family, String reference, int cells, FittedValue phi, Optional<Double> residual) {}
