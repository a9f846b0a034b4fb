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

/// The recorder of a call, which derives usage, metrics, the audit record and the trace from its events. Used by
/// the thread that answers the request.
public final class GenerationRecorder {

    private final GenerationCall call;
    private final AuditEntry entry;
    private final RequestClock clock;
    private final Reasons reasons;
    private final Usage usage;

    /// Answers whose ends are known.
    private final BitSet known = new BitSet();

    /// For each answer, the text sent to the client so far; used only if texts are recorded.
    private final Map<Integer, StringBuilder> said = new HashMap<>();

    private State state = State.RUNNING;

    /// A stage of a call.
    private enum State {
        /// Answers are still being generated.
        RUNNING,
        /// The cost is known, since all answers have ended or were cancelled.
        SETTLED,
        /// The end of the call has been measured.
        CLOSED
    }

    /// A protocol's names for the reasons why answers end.
    @FunctionalInterface
    public interface Reasons {

        /// Why an answer ended.
        ///
        /// @param index the index of the answer
        /// @param unread the text that was not yet passed to the renderer: the end of the answer, or the
        ///     whole answer
        /// @param finish how the answer ended
        String of(int index, String unread, GenerationResult finish);
    }

    /// The outcome of a completed call.
    ///
    /// @param usage the call's cost
    /// @param times the call's latencies
    public record Outcome(Usage usage, RequestClock.Times times) {}

    /// Starts to record a call.
    ///
    /// @param call the call that was submitted to the engine
    /// @param config the configuration of the model
    /// @param entry the audit entry of the call
    /// @param clock the clock that measures the call's latencies
    /// @param reasons the protocol's names for the reasons why answers end
    public GenerationRecorder(
            GenerationCall call, ModelConfig config, AuditEntry entry, RequestClock clock, Reasons reasons) {
        this.call = call;
        this.entry = entry;
        this.clock = clock;
        this.reasons = reasons;
        this.usage = new Usage(config, call);
        entry.asked(call.toAudit());
    }

    /// Records that a token has arrived; only the time of the first one is kept.
    void token() {
        clock.token();
        entry.token();
    }

    /// Records a streamed token.
    void token(int index, Token token) {
        token();
        say(index, token.text());
    }

    /// Records that a streamed answer has ended normally.
    void ended(int index, GenerationResult finish) {
        ended(index, finish.text(), finish);
    }

    /// Records that a whole answer has ended normally.
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

    /// Records that an answer will not be complete.
    void failed(GenerationEvent.AnswerFailed event) {
        known.set(event.index());
        event.finish().ifPresent(finish -> countCut(event.index(), finish));
    }

    /// Adds an answer's cost, and stores its text if texts are kept.
    ///
    /// @param index the index of the answer
    /// @param finish how the answer ended
    public void count(int index, GenerationResult finish) {
        known.set(index);
        usage.add(index, finish);
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

    /// Records a cancelled answer: its cost so far, and the part of a stream that was sent.
    private void countCut(int index, GenerationResult finish) {
        entry.finished(finish.reason().name().toLowerCase(Locale.ROOT));
        count(index, finish);
    }

    private void say(int index, String text) {
        if (entry.wantsTexts()) {
            said.computeIfAbsent(index, _ -> new StringBuilder()).append(text);
        }
    }

    /// Records that all answers have ended normally.
    ///
    /// @return the answers' cost and latencies
    public Outcome completed() {
        state = State.CLOSED;
        Spending spending = usage.spending();
        entry.spent(spending);
        return new Outcome(usage, clock.done(spending));
    }

    /// Ends an incomplete call, unless the call's cost is known already.
    ///
    /// @param cutOff the action that cancels the answers whose ends are not known, and returns their ends
    public void cutOff(Function<BitSet, SortedMap<Integer, GenerationResult>> cutOff) {
        if (state == State.RUNNING) {
            state = State.SETTLED;
            cutOff.apply(known).forEach(this::countCut);
            Spending spending = usage.spending();
            clock.cutOff(spending);
            entry.spent(spending);
        }
    }

    /// Records the failure of a call. If the end of the call has already been measured, for example because all
    /// answers ended but the record could not be stored, the metrics stay unchanged.
    ///
    /// @param failure the cause
    public void failed(RuntimeException failure) {
        String name = RequestFailures.nameOf(failure);
        entry.failed(name);
        if (state != State.CLOSED) {
            state = State.CLOSED;
            clock.failed(name);
        }
    }
}
