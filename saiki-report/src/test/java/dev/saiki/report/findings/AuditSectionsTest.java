package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.eval.Interval;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.GainRanking;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAudit.AuditCost;
import dev.saiki.eval.audit.RouterAudit.AuditSetting;
import dev.saiki.eval.audit.RouterAudit.AuditedText;
import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.CalibrationBin;
import dev.saiki.eval.audit.RouterAudit.Dead;
import dev.saiki.eval.audit.RouterAudit.DepthBin;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.Intervention;
import dev.saiki.eval.audit.RouterAudit.Load;
import dev.saiki.eval.audit.RouterAudit.NearThreshold;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.eval.audit.RouterAudit.TokenType;
import dev.saiki.eval.audit.RouterAudit.UniformDepth;
import dev.saiki.eval.audit.StepGain;
import dev.saiki.eval.audit.StepGain.RankedGain;
import dev.saiki.report.HtmlReport;
import dev.saiki.report.Language;
import dev.saiki.report.MarkdownReport;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.TerminalSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditSectionsTest {

    @TempDir
    private Path folder;

    private static Interval interval(double mean) {
        return new Interval(mean, mean - 0.01, mean + 0.01);
    }

    static StepGain gain(int step, double captured) {
        List<Double> curve = List.of(0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.05, 0.04, 0.03, 0.02, 0.02);
        return new StepGain(
                step,
                200,
                0.5,
                interval(0.52),
                interval(0.02),
                interval(0.03),
                Stream.of(GainRanking.ROUTER, GainRanking.CHANCE, GainRanking.FORESEEABLE, GainRanking.HINDSIGHT)
                        .map(ranking -> new RankedGain(
                                ranking,
                                interval(0.02),
                                interval(0.03),
                                interval(ranking == GainRanking.ROUTER ? captured : 0.3),
                                interval(0.6),
                                curve))
                        .toList());
    }

    /// An invented audit of a router.
    static RouterAudit audit() {
        Interval unknown = new Interval(0.02, Double.NaN, Double.NaN);
        return new RouterAudit(
                RouterAudit.FILE.version(),
                new AuditSetting(
                        "runs/mor/last", "expert_choice", 2, Double.NaN, "held-out", 1, 0.01, "2026-11-24T12:00:00Z"),
                new AuditedText(20, 40, 10_000, 256, 200, "documents", 20),
                new AuditCost(10_000, 50_000, 60),
                new Load(interval(4.5), interval(1.5), List.of(0.5, 0.5), List.of(1.0, 0.5), List.of(1.0, 0.5)),
                List.of(
                        new UniformDepth(1, interval(4.6), interval(-0.1)),
                        new UniformDepth(2, interval(4.4), interval(0.1))),
                List.of(new Intervention(
                        1,
                        0,
                        100,
                        interval(0.3),
                        interval(0.1),
                        interval(-0.02),
                        unknown,
                        interval(0.05),
                        interval(0.02))),
                List.of(gain(0, 0.05), gain(1, 0.05)),
                List.of(
                        new PolicyComparison("depth 2", new Interval(0.01, -0.01, 0.03), Verdict.UNDECIDED),
                        new PolicyComparison("random", interval(-0.1), Verdict.BETTER),
                        new PolicyComparison("position only", interval(0.1), Verdict.WORSE)),
                List.of(new Calibration(
                        0,
                        200,
                        interval(0.3),
                        0.1,
                        interval(0.6),
                        List.of(new CalibrationBin(0, 1, 200, 0.5, interval(0.3))))),
                List.of(new DepthBy("token rank", interval(0.4), List.of(new DepthBin(1, 8, 5000, interval(1.25))))),
                List.of(new TokenType(1, " <the>", 50, 1.9)),
                List.of(new TokenType(2, ",", 50, 1.1)),
                new Dead(10, 256, 3, 5, 0, 100, 7, 2),
                List.of(new NearThreshold(1, 10_000, List.of(0.1, 0.5), List.of(0.025, 0.09))));
    }

    @Test
    void anAuditBesideTheResultsIsShown() throws IOException {
        Files.writeString(
                folder.resolve("study.json"),
                RecordJson.MAPPER.writeValueAsString(SampleFindings.results(1, -0.04, 0.01)));
        RouterAudit.FILE.write(audit(), folder.resolve("audit.json"));
        ReportInput material = ReportInput.read(folder, List.of(), false, _ -> {});
        assertThat(MarkdownReport.write(material.report(ReportOptions.DEFAULT)))
                .contains(
                        "- The router cannot be told apart from: depth 2 for every token (+0.0100 (−0.0100 to +0.0300)")
                .contains("- The router is better than: the same depths, shuffled among all tokens (−0.1000 (")
                .contains("- The router is worse than: the same depths, shuffled among tokens at similar positions (")
                .contains(
                        "A further recursion is worth +0.0200 (+0.0100 to +0.0300) nats to a token that reaches it, and"
                                + " helps 52.0 % (51.0 % to 53.0 %) of these tokens.")
                .contains("The router captures 5.0 % (4.0 % to 6.0 %) of the gain, where 0 % is a random choice")
                .contains(
                        "Share captured by other rankings that do not use the next token: foreseeable (divergence of the deeper"
                                + " prediction) 30.0 % (29.0 % to 31.0 %).")
                .contains("| hindsight | step 1 | 50.0 % | +0.0200 (+0.0100 to +0.0300) | 30.0 % (29.0 % to 31.0 %) |")
                .contains("- Over the whole text the loss is 4.5000 nats per token at mean depth 1.50; with every token"
                        + " at one depth: 4.6000 at depth 1, 4.4000 at depth 2.")
                .contains(
                        "- Comparisons with one depth for every token differ in computation; all other comparisons are at equal computation. There are 3 comparisons")
                .contains(
                        "| Change of the token's loss (nats/token) | Change of later losses (nats, summed over the window) |")
                .contains("| +1, from all depths | 100 | 30.0 % (29.0 % to 31.0 %) |")
                .contains("| rarity of the token | +0.400 (+0.390 to +0.410) |")
                .contains("| rarity of the token | 1 | 8 | 5000 | 1.250 (1.240 to 1.260) |")
                .contains("| all steps | 0.0000 | 1.0000 | 200 | 0.5000 | 30.0 % (29.0 % to 31.0 %) |")
                .contains("| step 1 | 50.0 % | 50.0 % | 200 | +0.0200 (+0.0100 to +0.0300) |")
                .contains("0.1: 2.50 %, 0.5: 9.00 % |")
                .doesNotContain("audit\\-router");
        assertThat(HtmlReport.write(material.report(new ReportOptions(Language.JAPANESE, 1))))
                .contains("“&lt;the&gt;” 1.90")
                .containsPattern("ルーターは 5\\.0.%（4\\.0.% ～ 6\\.0.%）.?を得ています")
                .contains("<svg", "後知恵")
                .contains("ルーターと「全トークンを深さ 2 で処理」の差は認められません");
    }

    private static RouterAudit with(RouterAudit audit, AuditSetting setting, List<StepGain> gains) {
        return with(audit, setting, gains, interval(0.6), interval(0.4));
    }

    private static RouterAudit with(
            RouterAudit audit,
            AuditSetting setting,
            List<StepGain> gains,
            Interval discrimination,
            Interval correlation) {
        return new RouterAudit(
                audit.formatVersion(),
                setting,
                audit.data(),
                audit.cost(),
                audit.load(),
                audit.uniform(),
                audit.interventions(),
                gains,
                audit.comparisons(),
                List.of(new Calibration(0, 200, interval(0.3), 0.1, discrimination, List.of())),
                List.of(new DepthBy("position", correlation, List.of())),
                audit.deepestTokens(),
                audit.shallowestTokens(),
                audit.dead(),
                audit.nearThreshold());
    }

    @Test
    void whatMayBeNothingIsSaidToBe() {
        RouterAudit undecided = with(audit(), audit().setting(), List.of(gain(0, 0.005)));
        assertThat(new GainSections(undecided, Messages.in(Language.ENGLISH)).points())
                .anyMatch(point -> point.contains("The router captures 0.5 % (-0.5 % to 1.5 %) of the gain")
                        && point.contains("The interval contains zero, so the router may capture nothing."));
    }

    private static List<String> findings(double captured, Interval discrimination, Interval correlation) {
        RouterAudit audit = with(audit(), audit().setting(), List.of(gain(0, captured)), discrimination, correlation);
        return new AuditFindings(audit, Messages.in(Language.ENGLISH)).all();
    }

    @Test
    void whatTheConfidencePredictsAndWhatDepthFollowsAreSaidOnlyIfClear() {
        assertThat(findings(0.3, interval(0.6), interval(0.4)))
                .anyMatch(point -> point.startsWith("The router's confidence predicts, in part, which tokens"))
                .anyMatch(point -> point.contains("depth correlates most with this one: position in the window."));
        assertThat(findings(0.3, interval(0.4), interval(-0.4)))
                .anyMatch(
                        point -> point.startsWith("The router is more confident where a further recursion helps less"))
                .anyMatch(point -> point.contains("The rank correlation is −0.40"));
        assertThat(findings(0.3, interval(0.505), interval(0.005)))
                .anyMatch(point -> point.startsWith("It is unclear whether the router's confidence predicts"))
                .anyMatch(point -> point.startsWith("Depth does not clearly correlate with any of the 1 properties"));
    }

    @Test
    void whereNothingCanBeMeasuredThatIsSaid() {
        Interval none = interval(Double.NaN);
        List<StepGain> gains = List.of(new StepGain(
                0,
                0,
                0,
                none,
                none,
                none,
                List.of(new RankedGain(GainRanking.ROUTER, none, none, none, none, List.of()))));
        RouterAudit audit = with(audit(), audit().setting(), gains, none, none);
        assertThat(new AuditFindings(audit, Messages.in(Language.ENGLISH)).all())
                .anyMatch(point -> point.startsWith("There are too few decisions to tell whether"))
                .anyMatch(point -> point.startsWith("All tokens have the same depth"))
                .anyMatch(point -> point.startsWith("There is no choice to measure")
                        && point.contains("(over all steps, 0.0 % continue)"))
                .noneMatch(point -> point.contains("NaN"));
    }

    @Test
    void ofAModelWithoutARouterItsRecursionsAreTold() {
        AuditSetting fixed = new AuditSetting(
                "runs/recursive/last", "none", 2, Double.NaN, "held-out", 1, 0.01, "2026-11-24T12:00:00Z");
        List<ReportSection> sections =
                new AuditSections(with(audit(), fixed, List.of(gain(0, 0.3))), Messages.in(Language.ENGLISH)).all();
        assertThat(sections.getFirst().heading()).isEqualTo("The recursions of runs/recursive/last, audited");
        assertThat(((Prose) sections.getFirst()).points())
                .anyMatch(point ->
                        point.startsWith("Full depth is better than: the same depths, shuffled among all tokens"))
                .noneMatch(point -> point.startsWith("The router is"));
        assertThat(sections).extracting(ReportSection::heading).doesNotContain("What depth correlates with");
        assertThat(TerminalSummary.write(sections))
                .startsWith("The recursions of runs/recursive/last, audited\n")
                .contains("- A further recursion is worth +0.0200", "The steps", "One recursion more or fewer")
                .doesNotContain("the router's");
    }
}
