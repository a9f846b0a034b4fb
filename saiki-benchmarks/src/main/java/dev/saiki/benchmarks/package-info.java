/// Benchmarks. Each is a program; its comment contains its command.
package dev.saiki.benchmarks;
