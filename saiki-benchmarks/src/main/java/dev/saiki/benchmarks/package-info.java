/// Speed measurements, each a program of its own with its command in its comment.
package dev.saiki.benchmarks;
