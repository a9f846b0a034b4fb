package dev.saiki.eval.chat;

import dev.saiki.eval.ClusterMean;
import dev.saiki.eval.Interval;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The measurement of a model on conversations.
///
/// @param losses one loss per conversation
/// @param written the model's own answers, one for each reference answer, as one list per conversation; empty
///     if no own answers were requested
public record ChatMeasurement(List<ConversationLoss> losses, List<List<WrittenAnswer>> written) {

    /// Copies the lists.
    public ChatMeasurement {
        losses = List.copyOf(losses);
        written = written.stream().map(List::copyOf).toList();
    }

    /// The summary of a model.
    ///
    /// @param loss nats per answer token
    /// @param promptDepth mean number of recursions per token before and between the answers
    /// @param answerDepth mean number of recursions per answer token
    /// @param keepsFormat share of written answers in the expected format; empty without a format or without
    ///     written answers
    /// @param ends share of written answers that the model ended itself; empty if none were written
    public record Summary(
            Interval loss,
            double promptDepth,
            double answerDepth,
            Optional<Interval> keepsFormat,
            Optional<Interval> ends) {}

    /// The differences between two models, paired by conversation.
    ///
    /// @param loss difference in nats per answer token
    /// @param keepsFormat difference of the shares in the expected format; empty if a measurement lacks this share
    /// @param ends difference of the shares of answers that the model ended itself; empty if a measurement
    ///     lacks this share
    public record Differences(Interval loss, Optional<Interval> keepsFormat, Optional<Interval> ends) {}

    /// Summarises the measurement.
    ///
    /// @param format tells whether an answer is in the expected format; empty without a format
    /// @return the summary
    public Summary summary(Optional<Predicate<String>> format) {
        return new Summary(
                loss().interval(),
                depth(losses.stream().map(ConversationLoss::prompts).toList()),
                depth(losses.stream().map(ConversationLoss::answers).toList()),
                keeping(format).map(ClusterMean::share),
                ending().map(ClusterMean::share));
    }

    /// Compares this model with another on the same conversations.
    ///
    /// @param other the model whose values are subtracted
    /// @param format tells whether an answer is in the expected format; empty without a format
    /// @return the differences
    public Differences less(ChatMeasurement other, Optional<Predicate<String>> format) {
        return new Differences(
                loss().less(other.loss()),
                keeping(format).flatMap(own -> other.keeping(format).map(own::shareLess)),
                ending().flatMap(own -> other.ending().map(own::shareLess)));
    }

    private ClusterMean loss() {
        return ClusterMean.of(losses, ConversationLoss::nats, ConversationLoss::tokens);
    }

    private static double depth(List<ConversationLoss.Depths> depths) {
        return ClusterMean.of(depths, ConversationLoss.Depths::sum, ConversationLoss.Depths::tokens)
                .mean();
    }

    private Optional<ClusterMean> keeping(Optional<Predicate<String>> format) {
        return format.flatMap(has -> share(answer -> has.test(answer.text())));
    }

    private Optional<ClusterMean> ending() {
        return share(WrittenAnswer::isEnded);
    }

    private Optional<ClusterMean> share(Predicate<WrittenAnswer> holds) {
        return written.isEmpty()
                ? Optional.empty()
                : Optional.of(ClusterMean.of(
                        written, answers -> answers.stream().filter(holds).count(), List::size));
    }
}
