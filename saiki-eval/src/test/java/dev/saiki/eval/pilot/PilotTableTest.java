package dev.saiki.eval.pilot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.eval.report.HtmlReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class PilotTableTest {

    private static final PilotResult RESULT = SamplePilot.with(-0.04, 0.01);

    @Test
    void everyModelAndTheFloorHaveARow() {
        assertThat(PilotTable.rows(RESULT))
                .extracting(List::getFirst)
                .containsExactly("vanilla", "recursive-2", "MoR-2", "unigram");
        assertThat(PilotTable.rows(RESULT))
                .allSatisfy(row -> assertThat(row).hasSize(PilotTable.columns().size()));
    }

    @Test
    void theTerminalTableIsAligned() {
        List<String> lines = PilotTable.plain(RESULT).lines().toList();
        assertThat(lines).hasSize(7);
        // Every number of a column ends where its head ends.
        int end = lines.getFirst().indexOf("NLL") + "NLL".length();
        assertThat(lines.get(3).substring(0, end)).endsWith("4.500");
        assertThat(lines.get(6).substring(0, end)).endsWith("6.500");
    }

    @Test
    void theMarkdownTableHasAsManyCellsInEveryLine() {
        assertThat(PilotTable.markdown(RESULT).lines().map(line -> line.split("\\|", -1).length))
                .hasSize(6)
                .containsOnly(PilotTable.columns().size() + 2);
    }

    @Test
    void thePageHasAnswerTableCurvesPassageAndSamples() {
        String html = HtmlReport.write(PilotReport.of(RESULT));
        assertThat(html)
                .contains("<h1>At equal training compute <span class=\"unbroken\">MoR-2</span> beats the vanilla model")
                .contains("<td>4.460</td>")
                .contains("<svg viewBox=\"0 0 640 400\"")
                .contains("title=\"depth 2, probability 77.88 %, surprise 0.25 nats\"> me</span>")
                .contains("<b>The</b> whale")
                .contains("MoR-2 minus vanilla: \u22120.0400 nats per token");
    }
}
