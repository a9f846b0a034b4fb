/// The plan of a training: memory, time and price on measured devices, and the number of processes beyond which more
/// help little.
package dev.saiki.train.plan;
