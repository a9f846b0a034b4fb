package dev.saiki.evidence;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A test of whether the candidate's failure rate is above or below a limit ({@link RateBounds}).
public final class RateTest implements FigureTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final GateSettings settings;
    private final FigureLimit limit;
    private long count;
    private long baselineFailures;
    private long candidateFailures;

    /// Begins.
    ///
    /// @param settings of the gate
    /// @param limit on the candidate's rate, below 1
    public RateTest(GateSettings settings, FigureLimit limit) {
        this.settings = settings;
        this.limit = limit;
    }

    /// Resumes.
    ///
    /// @param settings of the gate
    /// @param limit on the candidate's rate
    /// @param state result of {@link #state}
    /// @return a test with all observations of the stored one
    /// @throws IllegalArgumentException if the state is malformed
    public static RateTest resume(GateSettings settings, FigureLimit limit, String state) {
        RateTest test = new RateTest(settings, limit);
        try {
            JsonNode json = MAPPER.readTree(state);
            test.count = json.required("count").longValue();
            test.baselineFailures = json.required("baseline").longValue();
            test.candidateFailures = json.required("candidate").longValue();
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not the state of a test: " + state, e);
        }
        return test;
    }

    /// Adds the next conversation.
    ///
    /// @param sides 1 for a failure, 0 otherwise
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
            case FigureLimit.OfBaseline beside -> {
                double most = new RateBounds(count, baselineFailures, settings.retreatError()).upper() + beside.more();
                yield count == 0 || most >= 1 ? 0 : candidate.logAbove(most) - Math.log(2);
            }
        };
    }

    @Override
    public double logPromoteEvidence() {
        RateBounds candidate = new RateBounds(count, candidateFailures, settings.promoteError());
        return switch (limit) {
            case FigureLimit.Fixed fixed -> candidate.logBelow(fixed.value());
            case FigureLimit.OfBaseline beside -> {
                double most = new RateBounds(count, baselineFailures, settings.promoteError()).lower() + beside.more();
                yield count == 0 || most <= 0 || most >= 1 ? 0 : candidate.logBelow(most) - Math.log(2);
            }
        };
    }

    @Override
    public long observed() {
        return count;
    }

    @Override
    public String state() {
        return MAPPER.createObjectNode()
                .put("count", count)
                .put("baseline", baselineFailures)
                .put("candidate", candidateFailures)
                .toString();
    }
}
