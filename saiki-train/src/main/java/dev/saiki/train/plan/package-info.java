/// The resource plan of a training run: memory, time and price on measured devices, and the number of processes
/// beyond which more processes bring little.
package dev.saiki.train.plan;
