package dev.saiki.engine;

import dev.saiki.engine.model.LogitsConsumer;
import dev.saiki.engine.model.Stages;
import dev.saiki.engine.sampling.NonFiniteException;
import java.util.Arrays;
import java.util.List;

/// The outputs of one run of the exit stage, passed on to the tasks that requested them.
///
/// An error at one token, such as a form that cannot be continued, affects only that token's sequence.
final class StageOutputs implements LogitsConsumer {

    private final List<ScheduledChunk> batch;
    private final int vocabulary;
    private final RouterBreaker breaker;
    private long drawnTokens;

    /// Makes the outputs of a run that is about to start.
    ///
    /// @param batch the chunks, in the order of the run
    /// @param vocabulary number of logits after each token
    /// @param breaker notified of non-finite logits
    StageOutputs(List<ScheduledChunk> batch, int vocabulary, RouterBreaker breaker) {
        this.batch = batch;
        this.vocabulary = vocabulary;
        this.breaker = breaker;
    }

    @Override
    public boolean wants(int chunk, int token) {
        return batch.get(chunk).sequence().wantsLogits(token);
    }

    @Override
    public void take(int chunk, int token, float[] logits, int from) {
        ScheduledChunk scheduled = batch.get(chunk);
        if (scheduled.failure() != null) {
            return;
        }
        float[] own = Arrays.copyOfRange(logits, from, from + vocabulary);
        Sequence sequence = scheduled.sequence();
        SequenceTask task = sequence.task();
        drawnTokens += task.draws(sequence.processed() + token, sequence.length()) ? 1 : 0;
        try {
            scheduled.finish(task.takeLogits(sequence, scheduled.chunk(), token, own));
        } catch (RuntimeException failure) {
            fail(scheduled, failure);
        }
    }

    private void fail(ScheduledChunk scheduled, RuntimeException failure) {
        if (failure instanceof NonFiniteException) {
            breaker.logitsNotFinite();
        }
        scheduled.fail(failure);
    }

    /// Passes states to the tasks that need states rather than predictions.
    void takeStates(Stages stages) {
        for (ScheduledChunk scheduled : batch) {
            Sequence sequence = scheduled.sequence();
            if (sequence.task().wantsStates()) {
                try {
                    sequence.task()
                            .takeStates(sequence.processed(), scheduled.chunk(), stages.lastStates(scheduled.chunk()));
                } catch (RuntimeException failure) {
                    fail(scheduled, failure);
                }
            }
        }
    }

    /// Counts the drawn tokens.
    long drawnTokens() {
        return drawnTokens;
    }
}
