/// Training.
///
/// Start at {@link dev.saiki.train.Trainer}: the loop, one screen long. A run is decided by its
/// {@link dev.saiki.train.recipe.Recipe} and lives in one folder, which holds everything needed to go on after a crash.
package dev.saiki.train;
