/// Who goes on recursing: the active tokens, how they are chosen (by rank, by threshold, by one decision at the start),
/// the losses that train the choice, and the statistics that watch it.
package dev.saiki.model.routing;
