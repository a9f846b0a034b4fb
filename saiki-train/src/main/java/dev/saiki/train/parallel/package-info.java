/// Training in several processes: how they find each other and share work, gradients, moments and scores.
///
/// Every process, or rank, has the whole model, reads the same rows, and computes some of the micro-batches
/// of a step: number n is the work of rank n mod N. What a micro-batch reports, and what its tokens' router
/// said, goes to all ranks, which add it up in the order of the micro-batches; so they all take the same
/// decisions without asking each other. Collectives are those of {@link dev.saiki.tensor.ProcessGroup}.
package dev.saiki.train.parallel;
