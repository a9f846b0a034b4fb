/// Commands that measure what a model predicts and writes: eval with score, chat and tradeoff, and calibrate.
package dev.saiki.cli.evaluation;
