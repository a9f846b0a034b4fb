/// Routing: the active tokens, their selection (by rank, by threshold, or once at the start), the losses that train
/// it, and its statistics.
///
/// In training, expert choice takes the best-scored tokens of a sequence, which depends on later tokens; after
/// training the same scores are compared with a threshold, which does not depend on later tokens. An auxiliary
/// loss makes the two selections agree. Expert threshold compares with a threshold in training too:
/// {@link dev.saiki.model.routing.RouterThresholds} follow quantiles of the scores, one for each step and each
/// effort of a grid, and every micro-batch draws its effort, so that one checkpoint is trained at every effort.
package dev.saiki.model.routing;
