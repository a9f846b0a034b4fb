package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.Optional;
import java.util.function.IntConsumer;

/// The comparison of a model with a reference run of the same model.
public final class Verifier {

    private Verifier() {}

    /// Compares all texts.
    ///
    /// @param reference the other run
    /// @param model the model under comparison
    /// @param tokenizer the model's tokenizer, if it has one
    /// @param bounds bounds of the model
    /// @param tolerance maximum difference of two scores that counts as agreement; twice the tolerance is a clear
    ///     margin
    /// @param progress receives the number of texts compared
    /// @return the statistics of the comparison
    /// @throws InputException if the reference is invalid or has no text
    /// @throws IOException if the reference cannot be read
    /// @throws InterruptedException if this thread is interrupted
    public static VerificationStatistics compare(
            Reference reference,
            LogitModel model,
            Optional<Tokenizer> tokenizer,
            ModelBounds bounds,
            double tolerance,
            IntConsumer progress)
            throws IOException, InterruptedException {
        Comparison comparison = new Comparison(bounds.vocabulary(), tolerance, tokenizer);
        int prompts = 0;
        for (Optional<ReferenceText> text = reference.next(); text.isPresent(); text = reference.next()) {
            comparison.add(text.get(), model.logits(text.get().whole()));
            prompts++;
            progress.accept(prompts);
        }
        InputException.require(
                prompts != 0, reference.description().name() + ": must have at least one text, got none");
        return comparison.statistics();
    }
}
