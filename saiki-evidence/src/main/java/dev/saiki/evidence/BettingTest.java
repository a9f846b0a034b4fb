package dev.saiki.evidence;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A test by betting, with two betting products: ∏(1 + λ(x − m)) grows if the candidate is worse than tolerated,
/// ∏(1 − λ(x − m)) if it is not, with x = (1 + d)/2 and m = (1 + ε)/2. A {@link StakeMixture} sets the stakes λ.
///
/// Written here because libraries for e-processes exist in Python and R, but none was found for the JVM.
final class BettingTest implements SequentialTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final GateSettings settings;
    private final double tolerated;
    private final StakeMixture retreat;
    private final StakeMixture promote;
    private long observed;
    private boolean retreats;
    private boolean promotes;

    private BettingTest(GateSettings settings, StakeMixture retreat, StakeMixture promote) {
        this.settings = settings;
        this.tolerated = tolerated(settings);
        this.retreat = retreat;
        this.promote = promote;
    }

    private static double tolerated(GateSettings settings) {
        return (1 + settings.tolerance()) / 2;
    }

    static BettingTest begin(GateSettings settings) {
        double tolerated = tolerated(settings);
        return new BettingTest(settings, StakeMixture.begin(1 / tolerated), StakeMixture.begin(1 / (1 - tolerated)));
    }

    static BettingTest resume(GateSettings settings, String text) {
        try {
            return resume(settings, MAPPER.readTree(text));
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not the state of a test: " + text, e);
        }
    }

    private static BettingTest resume(GateSettings settings, JsonNode state) {
        double tolerance = state.required("tolerance").doubleValue();
        if (tolerance != settings.tolerance()) {
            throw new IllegalArgumentException(
                    "the test began with tolerance " + tolerance + " and cannot go on with " + settings.tolerance());
        }
        double tolerated = tolerated(settings);
        BettingTest test = new BettingTest(
                settings,
                StakeMixture.resume(1 / tolerated, mixture(state.required("retreat"))),
                StakeMixture.resume(1 / (1 - tolerated), mixture(state.required("promote"))));
        test.observed = state.required("observed").longValue();
        test.retreats = state.required("retreats").booleanValue();
        test.promotes = state.required("promotes").booleanValue();
        return test;
    }

    private static StakeMixture.State mixture(JsonNode state) {
        List<Double> shares = new ArrayList<>();
        state.required("shares").forEach(share -> shares.add(share.doubleValue()));
        return new StakeMixture.State(state.required("log_evidence").doubleValue(), shares);
    }

    @Override
    public void observe(double difference) {
        if (!(difference >= -1 && difference <= 1)) {
            throw new IllegalArgumentException("a difference must be from -1 to 1, got " + difference);
        }
        double x = (1 + difference) / 2;
        observed++;
        retreat.observe(x - tolerated);
        promote.observe(tolerated - x);
        retreats |= retreat.logEvidence() >= -Math.log(settings.retreatError());
        promotes |= promote.logEvidence() >= -Math.log(settings.promoteError());
    }

    @Override
    public Decision decision() {
        if (retreats) {
            return Decision.RETREAT;
        }
        return promotes ? Decision.PROMOTE : Decision.CONTINUE;
    }

    @Override
    public double logRetreatEvidence() {
        return retreat.logEvidence();
    }

    @Override
    public double logPromoteEvidence() {
        return promote.logEvidence();
    }

    @Override
    public long observed() {
        return observed;
    }

    @Override
    public String state() {
        ObjectNode state = MAPPER.createObjectNode();
        state.put("tolerance", settings.tolerance());
        state.put("observed", observed);
        write(state.putObject("retreat"), retreat.state());
        write(state.putObject("promote"), promote.state());
        state.put("retreats", retreats);
        state.put("promotes", promotes);
        return state.toString();
    }

    private static void write(ObjectNode json, StakeMixture.State state) {
        json.put("log_evidence", state.logEvidence());
        state.shares().forEach(json.putArray("shares")::add);
    }
}
