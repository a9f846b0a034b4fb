package dev.saiki.eval.tasks;

import java.util.Optional;

/// A metric, under its name in lm-evaluation-harness ("the harness").
public enum Metric {
    /// Share of documents whose right answer has the highest log-likelihood; for texts to be completed, share of
    /// documents whose ending greedy decoding generates.
    ACC("acc", "mean", true),
    /// Share of documents whose right answer has the highest log-likelihood per character.
    ACC_NORM("acc_norm", "mean", true),
    /// Share of documents whose right answer has the highest log-likelihood per UTF-8 byte.
    ACC_BYTES("acc_bytes", "mean", true),
    /// e to the power of the mean negative log-likelihood of the documents' targets.
    PERPLEXITY("perplexity", "perplexity", false),
    /// e to the power of the negative log-likelihood per word.
    WORD_PERPLEXITY("word_perplexity", "weighted_perplexity", false),
    /// e to the power of the negative log-likelihood per byte.
    BYTE_PERPLEXITY("byte_perplexity", "weighted_perplexity", false),
    /// Negative log-likelihood in bits per byte.
    BITS_PER_BYTE("bits_per_byte", "bits_per_byte", false),
    /// e to the power of the negative log-likelihood per token; the harness has no such metric.
    TOKEN_PERPLEXITY("token_perplexity", "", false),
    /// Negative log-likelihood in nats per token; the harness has no such metric.
    NLL("nll", "", false);

    private final String key;
    private final String aggregation;
    private final boolean higherIsBetter;

    Metric(String key, String aggregation, boolean higherIsBetter) {
        this.key = key;
        this.aggregation = aggregation;
        this.higherIsBetter = higherIsBetter;
    }

    /// Returns the metric's name.
    ///
    /// @return the name as in results files
    public String key() {
        return key;
    }

    /// Returns the name of the aggregation over documents.
    ///
    /// @return the harness's name of the aggregation; empty if the harness lacks the metric
    Optional<String> aggregation() {
        return Optional.of(aggregation).filter(name -> !name.isEmpty());
    }

    /// Tells which direction is better.
    ///
    /// @return whether a higher number is better
    public boolean higherIsBetter() {
        return higherIsBetter;
    }
}
