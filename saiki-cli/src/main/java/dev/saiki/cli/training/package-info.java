/// Commands that prepare data and train: tokenizer, data, train with init, and describe training.
package dev.saiki.cli.training;
