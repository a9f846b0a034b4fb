package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.Interval;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.Dead;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.eval.audit.RouterAudit.TokenType;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The findings of an audit of a router, in sentences that claim only what the intervals show.
///
/// @param audit the audit
/// @param messages the language
record AuditFindings(RouterAudit audit, Messages messages) {

    /// The number of decimals of a loss.
    static final int DECIMALS = 4;

    private static final int MAX_TOKENS = 20;

    /// The probability that a random confidence ranks a helped token above an unhelped one.
    private static final double COIN = 0.5;

    /// All findings, the most important first.
    List<String> all() {
        List<String> points = new ArrayList<>(new GainSections(audit, messages).points());
        inOrder(audit.comparisons()).forEach(comparison -> points.add(verdict(comparison)));
        points.add(losses());
        if (audit.isRouted()) {
            points.add(messages.format(
                    "audit.many", with("number", audit.comparisons().size())));
            audit.calibrations().stream().findFirst().map(this::prediction).ifPresent(points::add);
            points.add(depthFollows());
            addDepths(points);
        }
        if (audit.data().hasFewClusters()) {
            points.add(messages.format(
                    "audit.few",
                    with("number", audit.data().clusters()),
                    with("fewest", RouterAudit.AuditedText.FEW_CLUSTERS)));
        }
        points.add(messages.format("audit.limits"));
        points.add(measured());
        return points;
    }

    /// The comparison with chance comes first, since it is the main question; the other comparisons keep their
    /// order.
    private static Stream<PolicyComparison> inOrder(List<PolicyComparison> comparisons) {
        return comparisons.stream()
                .sorted(Comparator.comparing(
                        comparison -> !comparison.baseline().equals(PolicyComparison.RANDOM)));
    }

    private String verdict(PolicyComparison comparison) {
        return messages.format(
                Messages.key(audit.isRouted() ? "audit" : "audit.fixed", comparison.verdict()),
                with("policy", policy(comparison.baseline())),
                with("difference", messages.signed(comparison.difference(), DECIMALS)));
    }

    private String policy(String name) {
        if (name.startsWith(PolicyComparison.DEPTH)) {
            return messages.format("policy.depth", with("depth", name.substring(PolicyComparison.DEPTH.length())));
        }
        return messages.formatOr("policy." + name.replace(' ', '_'), name);
    }

    /// The losses that the comparisons with one depth for every token are about.
    private String losses() {
        String others = audit.uniform().stream()
                .map(one -> messages.format(
                        "audit.lossAtDepth",
                        with("depth", one.depth()),
                        with("loss", Numbers.fixed(one.nll().mean(), DECIMALS))))
                .collect(Collectors.joining(", "));
        return messages.format(
                "audit.losses",
                with("loss", Numbers.fixed(audit.load().nll().mean(), DECIMALS)),
                with("depth", Numbers.fixed(audit.load().meanDepth().mean(), 2)),
                with("others", others));
    }

    private String prediction(Calibration all) {
        Interval area = all.discrimination();
        String verdict = area.low() > COIN
                ? "partly"
                : area.high() < COIN ? "wrongly" : Double.isNaN(area.low()) ? "few" : "unclear";
        return messages.format(
                "audit.predicts." + verdict,
                with("area", messages.fixed(area, 3)),
                with("error", Numbers.fixed(all.expectedError(), 3)));
    }

    /// The property that depth correlates with most. Its interval is widened, since it is the best of several.
    private String depthFollows() {
        Optional<DepthBy> strongest = audit.depthBy().stream()
                .filter(one -> !Double.isNaN(one.correlation().mean()))
                .max(Comparator.comparingDouble(
                        one -> Math.abs(one.correlation().mean())));
        if (strongest.isEmpty()) {
            return messages.format("audit.follows.nothing");
        }
        int properties = audit.depthBy().size();
        Interval wide =
                strongest.get().correlation().widened(properties, audit.data().clusters() - 1);
        Interval widened = new Interval(wide.mean(), Math.max(-1, wide.low()), Math.min(1, wide.high()));
        return messages.format(
                widened.isClear() ? "audit.follows.clearly" : "audit.follows.unclear",
                with("property", property(strongest.get())),
                with("correlation", messages.signed(widened, 2)),
                with("number", properties));
    }

    /// The name of a property of tokens.
    String property(DepthBy by) {
        return messages.formatOr("property." + by.property().replace(' ', '_'), by.property());
    }

    private void addDepths(List<String> points) {
        Dead dead = audit.dead();
        points.add(messages.format(
                "audit.dead",
                with("positionsNever", dead.positionsNeverOn()),
                with("positionsAlways", dead.positionsAlwaysDeepest()),
                with("positions", dead.positions()),
                with("typesNever", dead.tokenTypesNeverOn()),
                with("typesAlways", dead.tokenTypesAlwaysDeepest()),
                with("types", dead.tokenTypes()),
                with("fewest", dead.fewest())));
        points.add(messages.format("audit.deepest", with("tokens", tokens(audit.deepestTokens()))));
        points.add(messages.format("audit.shallowest", with("tokens", tokens(audit.shallowestTokens()))));
    }

    private static String tokens(List<TokenType> types) {
        return types.stream()
                .limit(MAX_TOKENS)
                .map(type -> "“" + type.text().replace('\n', '↵').strip() + "” " + Numbers.fixed(type.meanDepth(), 2)
                        + " (" + type.count() + ")")
                .collect(Collectors.joining(", "));
    }

    /// What was measured, and what it cost.
    private String measured() {
        RouterAudit.AuditedText data = audit.data();
        return messages.format(
                "audit.measured",
                with("routing", audit.setting().routing()),
                with("recursions", audit.setting().numRecursions()),
                with("windows", data.windows()),
                with("documents", data.documents()),
                with("clusters", messages.format("unit." + data.clusterUnit(), with("number", data.clusters()))),
                with("routed", Numbers.metric(audit.cost().tokensRouted())),
                with("forced", Numbers.metric(audit.cost().tokensIntervened())),
                with("seconds", Numbers.fixed(audit.cost().seconds(), 0)));
    }
}
