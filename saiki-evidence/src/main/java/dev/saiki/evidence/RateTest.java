package dev.saiki.evidence;

/// A test of whether the candidate's failure rate is above or below a limit ({@link RateBounds}).
public final class RateTest implements FigureTest {

    private final GateSettings settings;
    private final FigureLimit limit;
    private long count;
    private long baselineFailures;
    private long candidateFailures;

    /// The stored state: conversations, and the failures of both sides.
    private record State(long count, long baseline, long candidate) {}

    /// Begins a test.
    ///
    /// @param settings the settings of the gate
    /// @param limit the limit on the candidate's rate, below 1
    public RateTest(GateSettings settings, FigureLimit limit) {
        this.settings = settings;
        this.limit = limit;
    }

    /// Resumes a stored test.
    ///
    /// @param settings the settings of the gate
    /// @param limit the limit on the candidate's rate
    /// @param state the result of {@link #state}
    /// @return a test with all observations of the stored test
    /// @throws IllegalArgumentException if the state is malformed
    public static RateTest resume(GateSettings settings, FigureLimit limit, String state) {
        State stored = StateJson.read(state, State.class);
        RateTest test = new RateTest(settings, limit);
        test.count = stored.count();
        test.baselineFailures = stored.baseline();
        test.candidateFailures = stored.candidate();
        return test;
    }

    /// Adds the next conversation.
    ///
    /// @param sides 1 for each side that failed, 0 for each side that did not
    @Override
    public void observe(Sides sides) {
        count++;
        baselineFailures += sides.baseline() > 0 ? 1 : 0;
        candidateFailures += sides.candidate() > 0 ? 1 : 0;
    }

    @Override
    public Sides figures() {
        return new Sides((double) baselineFailures / count, (double) candidateFailures / count);
    }

    @Override
    public Decision decision() {
        return Decision.of(settings, logRetreatEvidence(), logPromoteEvidence());
    }

    @Override
    public double logRetreatEvidence() {
        RateBounds candidate = new RateBounds(count, candidateFailures, settings.retreatError());
        return switch (limit) {
            case FigureLimit.Fixed fixed -> candidate.logAbove(fixed.value());
            case FigureLimit.OfBaseline margin -> {
                double bound = new RateBounds(count, baselineFailures, settings.retreatError()).upper() + margin.more();
                yield count == 0 || bound >= 1 ? 0 : candidate.logAbove(bound) - Math.log(2);
            }
        };
    }

    @Override
    public double logPromoteEvidence() {
        RateBounds candidate = new RateBounds(count, candidateFailures, settings.promoteError());
        return switch (limit) {
            case FigureLimit.Fixed fixed -> candidate.logBelow(fixed.value());
            case FigureLimit.OfBaseline margin -> {
                double bound = new RateBounds(count, baselineFailures, settings.promoteError()).lower() + margin.more();
                yield count == 0 || bound <= 0 || bound >= 1 ? 0 : candidate.logBelow(bound) - Math.log(2);
            }
        };
    }

    @Override
    public long observed() {
        return count;
    }

    @Override
    public String state() {
        return StateJson.write(new State(count, baselineFailures, candidateFailures));
    }
}
