package dev.saiki.evidence;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A test by betting, with two betting products: ∏(1 + λ(x − m)) grows if the candidate is worse than tolerated,
/// ∏(1 − λ(x − m)) if it is not, with x = (1 + d)/2 and m = (1 + ε)/2. A {@link StakeMixture} sets the stakes λ.
///
/// If the settings require recent evidence, a promotion also requires that the mean of the latest conversations is
/// tolerable at the moment of the decision, by a {@link RecentMean}.
///
/// Written here because libraries for e-processes exist in Python and R, but none was found for the JVM.
final class BettingTest implements SequentialTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final GateSettings settings;
    private final double tolerated;
    private final StakeMixture retreat;
    private final StakeMixture promote;
    private final @Nullable RecentMean recent;
    private long observed;
    private boolean retreats;
    private boolean promotes;

    private BettingTest(GateSettings settings, StakeMixture retreat, StakeMixture promote, RecentMean.State recent) {
        this.settings = settings;
        this.tolerated = tolerated(settings);
        this.retreat = retreat;
        this.promote = promote;
        this.recent = settings.recent() == 0 ? null : new RecentMean(settings.recent(), recent);
    }

    private static double tolerated(GateSettings settings) {
        return (1 + settings.tolerance()) / 2;
    }

    static BettingTest begin(GateSettings settings) {
        double tolerated = tolerated(settings);
        return new BettingTest(
                settings,
                StakeMixture.begin(1 / tolerated),
                StakeMixture.begin(1 / (1 - tolerated)),
                RecentMean.State.NONE);
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
                StakeMixture.resume(1 / (1 - tolerated), mixture(state.required("promote"))),
                state.has("recent") ? recent(state.required("recent")) : RecentMean.State.NONE);
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

    private static RecentMean.State recent(JsonNode state) {
        return new RecentMean.State(
                state.required("blocks").longValue(), mean(state.required("older")), mean(state.required("newer")));
    }

    private static MeanTracker.State mean(JsonNode state) {
        return new MeanTracker.State(
                state.required("count").longValue(),
                state.required("sum").doubleValue(),
                state.required("variance").doubleValue());
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
        if (recent != null) {
            recent.observe(x);
        }
        retreats |= retreat.logEvidence() >= -Math.log(settings.retreatError());
        promotes |= promote.logEvidence() >= -Math.log(promoteError());
    }

    /// With recent evidence a promotion rests on two bounds, so each gets half of the error.
    private double promoteError() {
        return recent == null ? settings.promoteError() : settings.promoteError() / 2;
    }

    @Override
    public Decision decision() {
        if (retreats) {
            return Decision.RETREAT;
        }
        boolean isTolerable = recent == null || recent.upper(promoteError()) <= tolerated;
        return promotes && isTolerable ? Decision.PROMOTE : Decision.CONTINUE;
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
        if (recent != null) {
            ObjectNode block = state.putObject("recent");
            block.put("blocks", recent.state().blocks());
            write(block.putObject("older"), recent.state().older());
            write(block.putObject("newer"), recent.state().newer());
        }
        state.put("retreats", retreats);
        state.put("promotes", promotes);
        return state.toString();
    }

    private static void write(ObjectNode json, StakeMixture.State state) {
        json.put("log_evidence", state.logEvidence());
        state.shares().forEach(json.putArray("shares")::add);
    }

    private static void write(ObjectNode json, MeanTracker.State state) {
        json.put("count", state.count());
        json.put("sum", state.sum());
        json.put("variance", state.variance());
    }
}
