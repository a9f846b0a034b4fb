package dev.saiki.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExportsTest {

    private static final String HOSTILE = "</script>\n# heading\n| cell | `code` [link](x) <b> *";

    @Test
    void jsonHasEverySectionWithItsKind() {
        JsonNode root = JsonMapper.builder().build().readTree(JsonReport.write(SampleReport.with("text", 2)));
        assertThat(root.path("language").asString()).isEqualTo("en");
        assertThat(root.path("sections")
                        .valueStream()
                        .map(section -> section.path("kind").asString()))
                .containsExactly("table", "charts", "passage", "histogram", "samples", "commands", "costs", "prose");
        assertThat(root.path("sections").path(6).path("rows").path(1).path(4).asString())
                .isEqualTo("2.78 (2.53 to 3.09)");
    }

    @Test
    void jsonKeepsHostileTextAsItIs() {
        JsonNode root = JsonMapper.builder().build().readTree(JsonReport.write(SampleReport.with(HOSTILE, 2)));
        assertThat(root.path("answer").asString()).isEqualTo(HOSTILE);
    }

    @Test
    void markdownHasAsManyCellsInEveryLineOfATable() {
        List<String> lines = MarkdownReport.write(SampleReport.with(HOSTILE, 2))
                .replace("```\n" + HOSTILE + "\n```", "")
                .lines()
                .filter(line -> line.startsWith("| "))
                .toList();
        assertThat(lines).isNotEmpty();
        int cells = 0;
        for (int i = 0; i < lines.size(); i++) {
            int own = lines.get(i).replace("\\|", "").split("\\|", -1).length;
            boolean head = i + 1 < lines.size() && lines.get(i + 1).startsWith("| ---");
            cells = head ? own : cells;
            assertThat(own).as(lines.get(i)).isEqualTo(cells);
        }
    }

    @Test
    void textFromOutsideBecomesNoMarkdown() {
        String markdown = MarkdownReport.write(SampleReport.with(HOSTILE, 2));
        assertThat(markdown.lines().filter(line -> line.startsWith("# "))).hasSize(2);
        assertThat(markdown).startsWith("# \\</script\\> \\# heading \\| cell").contains("```\n" + HOSTILE + "\n```");
    }

    @Test
    void codeCannotLeaveItsFence() {
        assertThat(MarkdownReport.write(SampleReport.with("a\n```\nb", 2))).contains("````\na\n```\nb\n````");
    }

    @Test
    void aTerminalGetsTableAnswerAndFirstPoints() {
        String summary = TerminalSummary.write(SampleReport.with("text", 2));
        assertThat(summary.lines().toList())
                .startsWith("text   text", "text", "-----------", "text   text")
                .contains("- text");
    }
}
