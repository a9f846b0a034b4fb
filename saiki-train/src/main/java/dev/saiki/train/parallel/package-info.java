/// The distribution of training over several processes: their rendezvous, and the division of work, gradients,
/// moments and scores.
///
/// Every process, or rank, has the whole model, reads the same rows, and computes some of the micro-batches of a
/// step: of N ranks, rank n mod N computes micro-batch n. The measurements and routing statistics of a micro-batch
/// are sent to all ranks, which add them up in the order of the micro-batches; all ranks therefore make the same
/// decisions without coordination. The collectives are those of {@link dev.saiki.tensor.ProcessGroup}.
package dev.saiki.train.parallel;
