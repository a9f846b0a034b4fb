/// Benchmarks; each is a program with its command in its comment.
package dev.saiki.benchmarks;
