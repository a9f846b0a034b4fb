package dev.saiki.server.generation;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.server.access.RequestFailures;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditedText;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.metrics.RequestClock;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;

/// The recorder of a call, which turns its events into usage, metrics, the audit record and the trace. Used by the
/// thread that answers the request.
public final class GenerationRecorder {

    private final GenerationCall call;
    private final AuditEntry entry;
    private final RequestClock clock;
    private final Reasons reasons;
    private final Usage usage;

    /// Answers whose ends are known.
    private final BitSet known = new BitSet();

    /// What of each answer went to the client, for a record that has texts.
    private final Map<Integer, StringBuilder> said = new HashMap<>();

    private State state = State.RUNNING;

    /// A stage of a call.
    private enum State {
        /// More may happen.
        RUNNING,
        /// Its cost is known, since all has ended or was cut off.
        SETTLED,
        /// Its end is measured.
        CLOSED
    }

    /// A protocol's names for the reasons why answers end.
    @FunctionalInterface
    public interface Reasons {

        /// Why one ended.
        ///
        /// @param index which of the answers
        /// @param unread the last characters of the answer, or all of it, which were not given to the
        ///     renderer
        /// @param finish how it ended
        String of(int index, String unread, GenerationResult finish);
    }

    /// The outcome of a completed call.
    ///
    /// @param usage what it cost
    /// @param times when it was at what
    public record Outcome(Usage usage, RequestClock.Times times) {}

    /// Begins with the call.
    ///
    /// @param call as it goes to the engine
    /// @param config of the model
    /// @param entry what becomes its record
    /// @param clock measures it
    /// @param reasons why an answer ended, in the words of its protocol
    public GenerationRecorder(
            GenerationCall call, ModelConfig config, AuditEntry entry, RequestClock clock, Reasons reasons) {
        this.call = call;
        this.entry = entry;
        this.clock = clock;
        this.reasons = reasons;
        this.usage = new Usage(config, call.shedLevel());
        entry.asked(call.toAudit());
    }

    /// A token has come of which nothing else is to be kept; only the first one matters.
    void token() {
        clock.token();
        entry.token();
    }

    /// A token of a stream has come.
    void token(int index, Token token) {
        token();
        say(index, token.text());
    }

    /// An answer has ended by itself.
    void ended(int index, GenerationResult finish) {
        ended(index, finish.text(), finish);
    }

    /// An answer has ended by itself that is sent whole.
    void ended(FinishedAnswer answer) {
        ended(answer.index(), answer.text(), answer.finish());
    }

    private void ended(int index, String text, GenerationResult finish) {
        say(index, text);
        String reason = reasons.of(index, text, finish);
        clock.finished(reason);
        entry.finished(reason);
        count(index, finish);
    }

    /// An answer will not be whole.
    void failed(GenerationEvent.AnswerFailed event) {
        known.set(event.index());
        event.finish().ifPresent(finish -> countCut(event.index(), finish));
    }

    /// Counts what an answer has cost, and keeps what it says where that is kept.
    ///
    /// @param index which of the answers
    /// @param finish how it ended
    public void count(int index, GenerationResult finish) {
        known.set(index);
        usage.add(call, index, finish);
        finish.queued().ifPresent(waited -> {
            clock.queued(waited);
            entry.queued(waited);
        });
        if (entry.wantsTexts()) {
            String text = said.getOrDefault(index, new StringBuilder()).toString();
            List<Integer> depths = Arrays.stream(finish.depths()).boxed().toList();
            entry.said(new AuditedText(call.promptOf(index).text(), text, depths));
        }
    }

    /// An answer was cut off: what it cost until then, and what of it was said in a stream.
    private void countCut(int index, GenerationResult finish) {
        entry.finished(finish.reason().name().toLowerCase(Locale.ROOT));
        count(index, finish);
    }

    private void say(int index, String text) {
        if (entry.wantsTexts()) {
            said.computeIfAbsent(index, _ -> new StringBuilder()).append(text);
        }
    }

    /// All answers have ended by themselves.
    ///
    /// @return what they cost, and when
    public Outcome completed() {
        state = State.CLOSED;
        Spending spending = usage.toSpending(call.answers());
        entry.spent(spending);
        return new Outcome(usage, clock.done(spending));
    }

    /// Ends a call that will not be whole, unless its cost is known already.
    ///
    /// @param cutOff cancels the answers whose ends are not known, and tells them
    public void cutOff(Function<BitSet, SortedMap<Integer, GenerationResult>> cutOff) {
        if (state == State.RUNNING) {
            state = State.SETTLED;
            cutOff.apply(known).forEach(this::countCut);
            Spending spending = usage.toSpending(call.answers());
            clock.cutOff(spending);
            entry.spent(spending);
        }
    }

    /// Says why a call is not whole. What fails once its end is measured, such as its record, only goes into the
    /// record.
    ///
    /// @param failure what stood in the way
    public void failed(RuntimeException failure) {
        String name = RequestFailures.nameOf(failure);
        entry.failed(name);
        if (state != State.CLOSED) {
            state = State.CLOSED;
            clock.failed(name);
        }
    }
}
