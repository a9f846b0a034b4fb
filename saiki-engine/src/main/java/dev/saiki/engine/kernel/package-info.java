/// The kernels of the engine: a small fixed pool of threads, weight matrices in three number formats, and loops
/// over rows, based on `jdk.incubator.vector`.
///
/// Every kernel is **row-invariant**, except matrices that LibTorch multiplies in bfloat16 or only for many rows:
/// its result for a row depends on that row alone, and the number of rows in the batch does not change a single
/// bit. Row invariance is why a request gives the same text alone and in a batch.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.kernel;
