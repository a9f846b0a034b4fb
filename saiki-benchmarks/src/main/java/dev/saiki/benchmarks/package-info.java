/// Benchmarks. Each one is a program, whose comment contains the command that runs it.
package dev.saiki.benchmarks;
