/// Training.
///
/// Start at {@link dev.saiki.train.Trainer}: the loop, one screen long. A {@link dev.saiki.train.recipe.Recipe}
/// determines a run, and its folder holds everything needed to resume after a crash.
///
/// The order in which gradients are added depends on no timing, and each micro-batch is computed on one
/// thread (LibTorch rounds SiLU otherwise where the part of a thread ends). So the same recipe gives the
/// same bits on the same machine with any number of workers, and exact resume rests on that. Another size
/// of micro-batches adds in another order. A loss that is not a number stops the run before it touches the
/// weights.
package dev.saiki.train;
