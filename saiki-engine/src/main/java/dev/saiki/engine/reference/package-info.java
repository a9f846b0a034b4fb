/// What training left to hold a router against, and what to do without it.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.reference;
