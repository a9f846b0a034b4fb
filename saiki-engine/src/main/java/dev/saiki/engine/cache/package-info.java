/// Keys and values that know about depth: pages that belong to one recursion step of one sequence, taken from
/// one pool, and kept for sequences that begin with the same tokens.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.cache;
