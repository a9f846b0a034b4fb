/// The resource plan of a training run: memory, time and price on devices with a profile, and the number of
/// processes beyond which more processes bring little.
package dev.saiki.train.plan;
