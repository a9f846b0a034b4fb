/// A training before it is run: its memory, its time and its price on devices whose rates were measured, and
/// the number of
/// processes from which on more of them help little.
package dev.saiki.train.plan;
