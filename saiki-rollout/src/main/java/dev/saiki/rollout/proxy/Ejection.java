package dev.saiki.rollout.proxy;

import dev.saiki.rollout.pair.Fault;
import dev.saiki.rollout.plan.FallbackRules;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The detector of a dead candidate. A candidate that fails several times in a row, while the baseline does not, is
/// ejected: the baseline answers its requests at once. After the ejection's time a request probes the candidate. The
/// first answer ends the ejection; a failure doubles its time.
///
/// Envoy's outlier detection ejects after 5 failures as well, but for 30 s times the number of ejections. Ejections
/// begin shorter here: what an ejected candidate owes counts as failed, so an outage must not be drawn out.
///
/// Thread-safe.
final class Ejection {

    private static final Logger LOG = LoggerFactory.getLogger(Ejection.class);

    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final FallbackRules rules;
    private final LongSupplier clock;
    private int failures;
    private boolean isEjected;
    private boolean isProbing;
    private Duration time;

    /// When the next request may probe, or when the last ejection ended.
    private long turn;

    /// @param clock the clock in nanoseconds, such as {@link System#nanoTime}
    Ejection(FallbackRules rules, LongSupplier clock) {
        this.rules = rules;
        this.clock = clock;
        this.time = rules.ejection();
        this.turn = clock.getAsLong() - time.toNanos();
    }

    synchronized boolean isEjected() {
        return isEjected;
    }

    /// Whether the candidate may be asked. If a probe yields no result because its client leaves, another request
    /// probes after the same time.
    synchronized boolean admits() {
        if (!isEjected) {
            return true;
        }
        if (clock.getAsLong() - turn < 0) {
            return false;
        }
        isProbing = true;
        turn = clock.getAsLong() + time.toNanos();
        return true;
    }

    /// Notes that the candidate was asked and failed. A refusal is an answer.
    synchronized void note(Fault fault) {
        if (fault == Fault.REFUSED) {
            excuse();
        } else {
            fail();
        }
    }

    private void fail() {
        failures++;
        boolean isFirst = !isEjected && failures >= rules.failures();
        if (!isFirst && !isProbing) {
            return;
        }
        // A candidate that fails again soon has not recovered.
        boolean isLonger = isProbing || clock.getAsLong() - turn < time.toNanos();
        time = isLonger ? doubled() : rules.ejection();
        isEjected = true;
        isProbing = false;
        turn = clock.getAsLong() + time.toNanos();
        LOG.warn("the candidate failed {} times in a row and is ejected for {} s", failures, time.toSeconds());
    }

    private Duration doubled() {
        Duration longest = rules.ejection().compareTo(LONGEST) > 0 ? rules.ejection() : LONGEST;
        Duration twice = time.multipliedBy(2);
        return twice.compareTo(longest) < 0 ? twice : longest;
    }

    /// Notes that the candidate answered, or that both sides failed on a request, so that the fault may lie with the
    /// request.
    synchronized void excuse() {
        failures = 0;
        isProbing = false;
        if (isEjected) {
            isEjected = false;
            turn = clock.getAsLong();
            LOG.info("the candidate's ejection ended");
        }
    }
}
