package dev.saiki.study.results;

import java.util.Optional;

/// The fitted worth of a recursion: the exponent phi of the iso-depth law, by which a model has the loss of
/// a vanilla one with N_once + r^phi · N_rec parameters, for r recursions. With 1, a recursion is worth a
/// block of layers of its own; with 0, nothing.
///
/// @param family the recursive or routed family; r is its mean trained depth
/// @param reference the vanilla family
/// @param cells runs behind the fit, both families'
/// @param phi the exponent
/// @param residual root mean square of what the fitted law leaves over, nats; absent without a fit
public record RecurrenceFit(String family, String reference, int cells, FittedValue phi, Optional<Double> residual) {}
