package dev.saiki.cli.audit;

import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.eval.Interval;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAudit.TokenType;
import dev.saiki.eval.audit.RouterAuditSummary;
import dev.saiki.eval.audit.StepGain;
import dev.saiki.eval.format.Numbers;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// An audit in readable form: the findings, then the numbers behind them.
record AuditTable(PrintStream out) {

    /// Prints the audit.
    void print(RouterAudit audit) {
        RouterAuditSummary.findings(audit).forEach(finding -> out.println("- " + finding));
        RouterAudit.AuditedText data = audit.data();
        out.print(NumberFormats.text(
                "%n%s: %s, %d recursions; %s tokens in %d windows of %d documents, %s forced to other depths;"
                        + " intervals over %d %s%n",
                audit.setting().model(),
                audit.setting().routing(),
                audit.setting().numRecursions(),
                NumberFormats.count(data.tokens()),
                data.windows(),
                data.documents(),
                NumberFormats.count(data.samples()),
                data.clusters(),
                data.clusterUnit()));
        RouterAudit.AuditCost cost = audit.cost();
        out.print(NumberFormats.text(
                "computed %s tokens for routing and %s for interventions, in %s%n",
                NumberFormats.count(cost.tokensRouted()),
                NumberFormats.count(cost.tokensIntervened()),
                NumberFormats.duration(Math.round(cost.seconds()))));
        gains(audit);
        load(audit.load());
        interventions(audit);
        comparisons(audit);
        calibrations(audit);
        if (audit.isRouted()) {
            depths(audit);
        }
    }

    private void load(RouterAudit.Load load) {
        title("share of tokens at each step, and the target share");
        for (int step = 0; step < load.shareOfTokensPerStep().size(); step++) {
            out.print(NumberFormats.text(
                    "  step %d  %8s  %8s%n",
                    step,
                    Numbers.percent(load.shareOfTokensPerStep().get(step), 1),
                    load.capacities().isEmpty()
                            ? "–"
                            : Numbers.percent(load.capacities().get(step), 1)));
        }
    }

    private void interventions(RouterAudit audit) {
        title("one recursion more or fewer for one token at a time");
        String row = "  %-7s %-7s %7s %8s %8s  %-30s %-30s %8s %8s%n";
        out.printf(
                row,
                "change",
                "chosen",
                "tokens",
                "helped",
                "hurt",
                "effect, nats",
                "on later tokens",
                "mended",
                "broken");
        for (RouterAudit.Intervention one : audit.interventions()) {
            out.printf(
                    row,
                    Numbers.signed(one.change(), 0),
                    one.chosenDepth() == 0 ? "any" : String.valueOf(one.chosenDepth()),
                    NumberFormats.count(one.samples()),
                    Numbers.percent(one.helped().mean(), 1),
                    Numbers.percent(one.hurt().mean(), 1),
                    signed(one.effect()),
                    signed(one.effectOnFollowing()),
                    Numbers.percent(one.mended().mean(), 1),
                    Numbers.percent(one.broken().mean(), 1));
        }
    }

    private void gains(RouterAudit audit) {
        String row = "  %-29s %-26s %-26s %-30s %s%n";
        for (StepGain gain : audit.gains()) {
            title("gain of a further recursion, " + (gain.step() == 0 ? "all steps" : "step " + gain.step()) + ": "
                    + signed(gain.worth()) + " nats if all " + NumberFormats.count(gain.decisions())
                    + " tokens take it, which helps "
                    + Numbers.percent(gain.helped().mean(), 1)
                    + " of them; each ranking chooses " + Numbers.percent(gain.share(), 1));
            out.printf(row, "chosen by", "gain, nats a token", "capture", "with later tokens", "area, weighted");
            for (StepGain.RankedGain ranked : gain.rankings()) {
                out.printf(
                        row,
                        RouterAuditSummary.words(ranked.ranking()),
                        signed(ranked.gain()),
                        plain(ranked.capture(), 3),
                        signed(ranked.gainWithFollowing()),
                        plain(ranked.area(), 3));
            }
        }
    }

    private void comparisons(RouterAudit audit) {
        title("the same depth or effort for the whole text");
        out.printf("  %-16s  %-30s %s%n", "depths", "routed minus this, nats", "routed is");
        for (RouterAudit.PolicyComparison comparison : audit.comparisons()) {
            out.printf(
                    "  %-16s  %-30s %s%n",
                    comparison.baseline(),
                    signed(comparison.difference()),
                    comparison.verdict().name().toLowerCase(Locale.ROOT));
        }
    }

    private void calibrations(RouterAudit audit) {
        String row = "  %9s %9s %9s %11s  %s%n";
        for (RouterAudit.Calibration calibration : audit.calibrations()) {
            title("the router's confidence at " + (calibration.step() == 0 ? "all steps" : "step " + calibration.step())
                    + " as a prediction that the step helps: area under ROC "
                    + plain(calibration.discrimination(), 3) + ", calibration error "
                    + Numbers.fixed(calibration.expectedError(), 3));
            out.printf(row, "from", "to", "decisions", "confidence", "helped");
            for (RouterAudit.CalibrationBin bin : calibration.bins()) {
                out.printf(
                        row,
                        Numbers.fixed(bin.lowest(), 4),
                        Numbers.fixed(bin.highest(), 4),
                        NumberFormats.count(bin.decisions()),
                        Numbers.fixed(bin.meanConfidence(), 4),
                        plain(bin.helped(), 3));
            }
        }
    }

    private void depths(RouterAudit audit) {
        for (RouterAudit.DepthBy by : audit.depthBy()) {
            title("depth by " + by.property() + ", rank correlation " + plain(by.correlation(), 3));
            for (RouterAudit.DepthBin bin : by.bins()) {
                out.print(NumberFormats.text(
                        "  %9s to %9s  %9s tokens  %s%n",
                        edge(bin.lowest()),
                        edge(bin.highest()),
                        NumberFormats.count(bin.tokens()),
                        plain(bin.depth(), 3)));
            }
        }
        types("deepest token types", audit.deepestTokens());
        types("shallowest token types", audit.shallowestTokens());
        title("decisions close to the threshold, by distance in log-odds");
        for (RouterAudit.NearThreshold near : audit.nearThreshold()) {
            StringBuilder shares = new StringBuilder();
            for (int i = 0; i < near.within().size(); i++) {
                shares.append("  ")
                        .append(near.within().get(i))
                        .append(": ")
                        .append(Numbers.percent(near.shares().get(i), 2));
            }
            out.println("  step " + near.step() + shares);
        }
    }

    private void types(String name, List<TokenType> types) {
        title(name + ", mean depth and count");
        out.println(types.stream()
                .map(type -> NumberFormats.text(
                        "'%s' %.2f (%d)", type.text().replace("\n", "\\n"), type.meanDepth(), type.count()))
                .collect(Collectors.joining("  ", "  ", "")));
    }

    private void title(String title) {
        out.println();
        out.println(title);
    }

    private static String edge(double value) {
        return value == Math.rint(value) ? Numbers.fixed(value, 0) : Numbers.fixed(value, 3);
    }

    private static String signed(Interval interval) {
        return Numbers.signed(interval.mean(), 4) + " (" + Numbers.signed(interval.low(), 4) + ", "
                + Numbers.signed(interval.high(), 4) + ")";
    }

    private static String plain(Interval interval, int decimals) {
        return Numbers.fixed(interval.mean(), decimals) + " (" + Numbers.fixed(interval.low(), decimals) + ", "
                + Numbers.fixed(interval.high(), decimals) + ")";
    }
}
