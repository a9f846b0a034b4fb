/// Benchmarks. Each one is a program, whose comment says what it measures.
package dev.saiki.benchmarks;
