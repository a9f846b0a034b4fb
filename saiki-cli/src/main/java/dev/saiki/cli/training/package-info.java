/// Commands that prepare data and train: tokenizer, data, train, init.
package dev.saiki.cli.training;
