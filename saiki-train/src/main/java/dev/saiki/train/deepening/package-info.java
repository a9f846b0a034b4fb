/// Deepening of a model without recursion: the unrolled configuration, the fit of a run's model, and the base that
/// its one-pass certificate names.
package dev.saiki.train.deepening;
