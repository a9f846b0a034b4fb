package dev.saiki.rollout.evidence;

import dev.saiki.io.InputException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A test by two products of factors `1 ± λ(x - m)`, with `x = (1 + d) / 2`, `m = (1 + ε) / 2` and a stake λ that never
/// changes: half of the largest that keeps the factors positive. Each product is a nonnegative supermartingale under
/// what it speaks against, so it exceeds 1/α at any time with a chance of at most α (Ville's inequality).
final class FixedStakeTest implements SequentialTest {

    private static final Pattern STATE =
            Pattern.compile("\\{\"observed\":(\\d+),\"log_retreat\":([0-9.E-]+),\"log_promote\":([0-9.E-]+),"
                    + "\"decision\":\"([A-Z]+)\"}");

    private final GateSettings settings;
    private final double tolerated;
    private long observed;
    private double logRetreat;
    private double logPromote;
    private Decision decision = Decision.CONTINUE;

    FixedStakeTest(GateSettings settings, long observed, double logRetreat, double logPromote) {
        this.settings = settings;
        this.tolerated = (1 + settings.tolerance()) / 2;
        this.observed = observed;
        this.logRetreat = logRetreat;
        this.logPromote = logPromote;
    }

    static FixedStakeTest resume(GateSettings settings, String state) {
        Matcher matcher = STATE.matcher(state);
        if (!matcher.matches()) {
            throw InputException.of("evidence", "state", "what a test of this version wrote", state);
        }
        FixedStakeTest test = new FixedStakeTest(
                settings,
                Long.parseLong(matcher.group(1)),
                Double.parseDouble(matcher.group(2)),
                Double.parseDouble(matcher.group(3)));
        test.decision = Decision.valueOf(matcher.group(4));
        return test;
    }

    @Override
    public void observe(double difference) {
        if (!(difference >= -1 && difference <= 1)) {
            throw new IllegalArgumentException("a difference must be from -1 to 1, got " + difference);
        }
        double excess = (1 + difference) / 2 - tolerated;
        observed++;
        logRetreat += Math.log1p(0.5 / tolerated * excess);
        logPromote += Math.log1p(-0.5 / (1 - tolerated) * excess);
        if (decision == Decision.CONTINUE) {
            decide();
        }
    }

    private void decide() {
        if (logRetreat >= -Math.log(settings.retreatError())) {
            decision = Decision.RETREAT;
        } else if (logPromote >= -Math.log(settings.promoteError())) {
            decision = Decision.PROMOTE;
        }
    }

    @Override
    public Decision decision() {
        return decision;
    }

    @Override
    public double logRetreatEvidence() {
        return logRetreat;
    }

    @Override
    public double logPromoteEvidence() {
        return logPromote;
    }

    @Override
    public long observed() {
        return observed;
    }

    @Override
    public String state() {
        return String.format(
                Locale.ROOT,
                "{\"observed\":%d,\"log_retreat\":%s,\"log_promote\":%s,\"decision\":\"%s\"}",
                observed,
                Double.toString(logRetreat),
                Double.toString(logPromote),
                decision);
    }
}
