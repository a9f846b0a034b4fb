/// The kernels of the engine: a small fixed pool of threads, weight matrices in three number formats, and loops
/// over rows, based on `jdk.incubator.vector`.
///
/// A kernel is **row-invariant** if its result for a row depends on that row alone, so that the number of rows in
/// the batch does not change a single bit. Every kernel is row-invariant, which is why a request gives the same text
/// alone and in a batch.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.kernel;
