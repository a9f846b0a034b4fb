/// Training.
///
/// Start with {@link dev.saiki.train.Trainer}, whose training loop fits on one screen. A
/// {@link dev.saiki.train.recipe.Recipe} determines a run, and the run's folder contains everything needed to
/// resume after a crash.
///
/// The order in which gradients are added does not depend on timing, and each micro-batch is computed on one
/// thread, because LibTorch rounds SiLU differently at the end of each thread's part. A recipe therefore gives
/// bit-identical results on the same machine for any number of workers; exact resume relies on this. A different
/// micro-batch size changes the order of addition. A step whose loss is not finite changes no weights and, unless
/// spike detection is on, stops the run.
package dev.saiki.train;
