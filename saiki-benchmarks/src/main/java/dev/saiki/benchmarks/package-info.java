/// Benchmarks and soak tests, each a program with its command in its comment.
package dev.saiki.benchmarks;
