package dev.saiki.eval.chat;

import dev.saiki.eval.Interval;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The measurement of a model on conversations.
///
/// @param losses one a conversation
/// @param written what the model wrote in the places of their answers, one list a conversation; empty if it was not
///     asked
public record ChatMeasurement(List<ConversationLoss> losses, List<List<WrittenAnswer>> written) {

    /// Keeps its own copies.
    public ChatMeasurement {
        losses = List.copyOf(losses);
        written = written.stream().map(List::copyOf).toList();
    }

    /// The summary of a model.
    ///
    /// @param loss nats a token of an answer
    /// @param promptDepth mean recursions of a token between answers
    /// @param answerDepth mean recursions of a token of an answer
    /// @param keepsFormat share of written answers that have the format; empty without one, or without answers
    /// @param ends share of written answers that the model ended itself; empty if none was written
    public record Summary(
            Interval loss,
            double promptDepth,
            double answerDepth,
            Optional<Interval> keepsFormat,
            Optional<Interval> ends) {}

    /// The differences between two models, paired by conversation.
    ///
    /// @param loss in nats a token of an answer
    /// @param keepsFormat of the shares; empty if one is missing
    /// @param ends of the shares; empty if one is missing
    public record Differences(Interval loss, Optional<Interval> keepsFormat, Optional<Interval> ends) {}

    /// Sums up.
    ///
    /// @param format tells whether an answer has it; empty if none is asked for
    /// @return the summary
    public Summary summary(Optional<Predicate<String>> format) {
        return new Summary(
                loss().interval(),
                depth(losses.stream().map(ConversationLoss::prompts).toList()),
                depth(losses.stream().map(ConversationLoss::answers).toList()),
                keeping(format).map(ConversationMean::share),
                ending().map(ConversationMean::share));
    }

    /// Compares with another model on the same conversations.
    ///
    /// @param other what is taken away
    /// @param format tells whether an answer has it; empty if none is asked for
    /// @return the differences
    public Differences less(ChatMeasurement other, Optional<Predicate<String>> format) {
        return new Differences(
                loss().less(other.loss()),
                keeping(format).flatMap(own -> other.keeping(format).map(own::shareLess)),
                ending().flatMap(own -> other.ending().map(own::shareLess)));
    }

    private ConversationMean loss() {
        return ConversationMean.of(losses, ConversationLoss::nats, ConversationLoss::tokens);
    }

    private static double depth(List<ConversationLoss.Depths> depths) {
        return ConversationMean.of(depths, ConversationLoss.Depths::sum, ConversationLoss.Depths::tokens)
                .mean();
    }

    private Optional<ConversationMean> keeping(Optional<Predicate<String>> format) {
        return format.flatMap(has -> share(answer -> has.test(answer.text())));
    }

    private Optional<ConversationMean> ending() {
        return share(WrittenAnswer::isEnded);
    }

    private Optional<ConversationMean> share(Predicate<WrittenAnswer> holds) {
        return written.isEmpty()
                ? Optional.empty()
                : Optional.of(ConversationMean.of(
                        written, answers -> answers.stream().filter(holds).count(), List::size));
    }
}
