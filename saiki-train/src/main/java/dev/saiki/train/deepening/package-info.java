/// Deepening of a model without recursion: the unrolled configuration, the check that a run's model fits it, and
/// the base named in its one-pass certificate.
package dev.saiki.train.deepening;
