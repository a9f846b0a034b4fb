/// The kernels of the engine: a small fixed pool of threads, weight matrices in three number formats, and the
/// loops over rows, written on `jdk.incubator.vector`.
///
/// Every kernel is **row-invariant**: what it computes for a row depends on that row alone, to the last bit, and
/// not on how many rows are computed with it. That is why a request gives the same text alone and among others.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.kernel;
