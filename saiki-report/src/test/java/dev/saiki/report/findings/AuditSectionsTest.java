package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.eval.Interval;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAudit.AuditCost;
import dev.saiki.eval.audit.RouterAudit.AuditSetting;
import dev.saiki.eval.audit.RouterAudit.AuditedText;
import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.CalibrationBin;
import dev.saiki.eval.audit.RouterAudit.Dead;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.Intervention;
import dev.saiki.eval.audit.RouterAudit.Load;
import dev.saiki.eval.audit.RouterAudit.Policy;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.eval.audit.RouterAudit.Probe;
import dev.saiki.eval.audit.RouterAudit.ProbeLevel;
import dev.saiki.eval.audit.RouterAudit.Regret;
import dev.saiki.eval.audit.RouterAudit.Skill;
import dev.saiki.eval.audit.RouterAudit.TokenType;
import dev.saiki.eval.audit.RouterAuditFile;
import dev.saiki.report.HtmlReport;
import dev.saiki.report.Language;
import dev.saiki.report.MarkdownReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditSectionsTest {

    @TempDir
    private Path folder;

    private static Interval interval(double mean) {
        return new Interval(mean, mean - 0.01, mean + 0.01);
    }

    /// An audit of a router, made by hand.
    static RouterAudit audit() {
        Interval unknown = new Interval(0.02, Double.NaN, Double.NaN);
        return new RouterAudit(
                RouterAuditFile.VERSION,
                new AuditSetting(
                        "runs/mor/last", "expert_choice", 2, Double.NaN, "held-out", 1, 0.01, "2026-11-24T12:00:00Z"),
                new AuditedText(20, 40, 10_000, 256, 200, "documents", 20),
                new AuditCost(10_000, 50_000, 60),
                new Load(interval(4.5), interval(1.5), List.of(0.5, 0.5), List.of(1.0, 0.5), List.of(1.0, 0.5)),
                List.of(),
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
                List.of(new Regret(
                        0,
                        List.of(0.5, 0.5),
                        List.of(
                                new Policy("router", 1.5, 4.5, interval(0.1)),
                                new Policy("depth 2", 2, 4.49, interval(0.09)),
                                new Policy("random", 1.5, 4.6, interval(0.2))),
                        List.of(
                                new PolicyComparison("depth 2", new Interval(0.01, -0.01, 0.03), Verdict.UNDECIDED),
                                new PolicyComparison("random", interval(-0.1), Verdict.BETTER),
                                new PolicyComparison("position only everywhere", interval(0.1), Verdict.WORSE)))),
                new Skill(0.1, 1.5, 4.3, 4.5, 4.6, 0.33),
                List.of(new Calibration(
                        0,
                        200,
                        interval(0.3),
                        0.1,
                        interval(0.6),
                        List.of(new CalibrationBin(0, 1, 200, 0.5, interval(0.3))))),
                List.of(new DepthBy("token rank", interval(0.4), List.of())),
                List.of(new TokenType(1, " <the>", 50, 1.9)),
                List.of(new TokenType(2, ",", 50, 1.1)),
                new Dead(10, 256, 3, 5, 0, 100, 7, 2),
                List.of(),
                List.of(new Probe(
                        "copy",
                        interval(0.2),
                        List.of(new ProbeLevel(1, 10, interval(1.2), interval(0.9), interval(0.5))))));
    }

    @Test
    void anAuditBesideThePilotIsTold() throws IOException {
        Files.writeString(
                folder.resolve("pilot.json"), RecordJson.MAPPER.writeValueAsString(SamplePilot.with(-0.04, 0.01)));
        RouterAuditFile.write(audit(), folder.resolve("audit.json"));
        ReportInput material = ReportInput.read(folder, List.of(), false, _ -> {});
        assertThat(MarkdownReport.write(material.report(ReportOptions.DEFAULT)))
                .contains("- The router cannot be told apart from: depth 2 for every token (+0.010 (−0.010 to +0.030)")
                .contains("- The router is better than: the same depths by lot (−0.100 (−0.110 to −0.090)")
                .contains("- The router is worse than: the same depths by position only, for the whole text at once (")
                .contains("Of the way from choosing by lot to a choice that knows the answer, at equal compute, the"
                        + " router goes 33 % (30 % to 37 %).")
                .contains("The router's mean depth is 1.50: against one depth for every token, computation differs, and"
                        + " in all other comparisons it is the same. There are 3 of them")
                .contains("| Change of its loss (nats/token) | Change of later losses (nats, summed over the window) |")
                .contains("| +1, from all depths | 100 | 30.0 % (29.0 % to 31.0 %) |")
                .contains("| rarity of the token | +0.400 (+0.390 to +0.410) |")
                .contains("| copy | 1 | 10 | 1.20 (1.19 to 1.21) |")
                .doesNotContain("audit\\-router");
        assertThat(HtmlReport.write(material.report(new ReportOptions(Language.JAPANESE, 1))))
                .contains("“&lt;the&gt;” 1.90")
                .contains("ルーターと「すべて深さ 2」の差は認められません");
    }
}
