/// Keys and values that know about depth: pages that belong to one recursion step of one sequence, taken from
/// one pool.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.cache;
