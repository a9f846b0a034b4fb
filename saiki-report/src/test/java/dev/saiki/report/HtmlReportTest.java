package dev.saiki.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.eval.format.Column;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.Prediction;
import dev.saiki.report.ReportSection.Table;
import java.io.StringReader;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class HtmlReportTest {

    private static final String HOSTILE =
            "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"' onmouseover='x' &amp; <policy> ]]>";

    @Test
    void hostileTextStaysText() throws Exception {
        String html = HtmlReport.write(SampleReport.with(HOSTILE, 3));
        Document document = parsed(html);
        assertThat(document.getElementsByTagName("img").getLength()).isZero();
        assertThat(document.getElementsByTagName("script").getLength()).isOne();
        assertThat(document.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo(HOSTILE);
        assertThat(document.getElementsByTagName("h1").item(0).getTextContent()).isEqualTo(HOSTILE);
        assertThat(document.getElementsByTagName("blockquote").item(0).getTextContent())
                .isEqualTo(HOSTILE + HOSTILE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "a\u001bb", "a\u0085b", "a\ud800b", "a\udc00b", "a\ufffeb"})
    void charactersThatHtmlForbidsAreReplaced(String text) throws Exception {
        Document document = parsed(HtmlReport.write(SampleReport.with(text, 2)));
        assertThat(document.getElementsByTagName("h1").item(0).getTextContent()).isEqualTo("a\uFFFDb");
    }

    @Test
    void charactersBeyondTheBasicPlaneSurvive() throws Exception {
        String text = "再帰 🚀 é";
        Document document = parsed(HtmlReport.write(SampleReport.with(text, 2)));
        assertThat(document.getElementsByTagName("h1").item(0).getTextContent()).isEqualTo(text);
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void thePageSaysItsLanguage(Language language) throws Exception {
        Document document = parsed(HtmlReport.write(SampleReport.with(language, "text", 2)));
        assertThat(document.getDocumentElement().getAttribute("lang")).isEqualTo(language.tag());
    }

    @Test
    void namesWithAHyphenStayOnOneLine() {
        Report report = new Report(Language.JAPANESE, "t", "s", "今回、MoR-2も<x-y>も", List.of(), List.of(), List.of());
        assertThat(HtmlReport.write(report))
                .contains(
                        "<h1>今回、<span class=\"unbroken\">MoR-2</span>も&lt;<span class=\"unbroken\">x-y</span>&gt;も</h1>");
    }

    @Test
    void everyChartIsAlsoWordsAndATable() throws Exception {
        Document document = parsed(HtmlReport.write(SampleReport.with("text", 2)));
        assertThat(document.getElementsByTagName("desc").getLength()).isEqualTo(3);
        assertThat(document.getElementsByTagName("details").getLength()).isEqualTo(3);
    }

    @Test
    void costsStandOnThePageWithoutTheScript() {
        assertThat(HtmlReport.write(SampleReport.with("m", 2)))
                .contains("At 2.00 per machine hour and 256 tokens in memory per user.")
                .contains("<td data-out=\"million\">5.56 (5.05 to 6.17)</td>")
                .contains("<td data-out=\"user\">0.500 MiB</td>")
                .contains("<td data-out=\"baseline\">after 20.0 k tokens</td>")
                .contains("<td data-out=\"baseline\">not decided: ranges overlap</td>")
                .contains("<td data-out=\"million\">not measured</td>");
    }

    @Test
    void nothingIsRequestedFromAnywhere() {
        String html = HtmlReport.write(SampleReport.with("text", 3));
        assertThat(html)
                .doesNotContainPattern("(?i)\\b(src|srcset|data|poster|action)\\s*=")
                .doesNotContainPattern("(?i)\\bhref\\s*=\\s*\"(?!#section-\\d+\")")
                .doesNotContainPattern("(?i)@import|url\\((?!#)|https?:|fetch\\(|XMLHttpRequest|import\\(");
    }

    @Test
    void thePolicyAllowsThisStyleAndThisScriptAlone() {
        String html = HtmlReport.write(SampleReport.with(HOSTILE, 3));
        Matcher policy = Pattern.compile("Content-Security-Policy\" content=\"([^\"]*)\"")
                .matcher(html);
        assertThat(policy.find()).isTrue();
        assertThat(policy.group(1))
                .startsWith("default-src 'none'")
                .doesNotContain("unsafe")
                .containsPattern("style-src 'sha256-[A-Za-z0-9+/]{43}='")
                .containsPattern("script-src 'sha256-[A-Za-z0-9+/]{43}='");
        // A policy with hashes forbids attributes that hold style or script.
        assertThat(html).doesNotContain(" style=").doesNotContainPattern("<[^>\"]*(\"[^\"]*\"[^>\"]*)* on[a-z]+=");
    }

    @Test
    void everyTokenOfAPassageCarriesItsDepthInWords() {
        Passage passage = new Passage(
                "Passage",
                "",
                2,
                List.of(
                        new PassageToken("Call", 1, Double.NaN, List.of()),
                        new PassageToken(
                                " me",
                                2,
                                Math.log(0.25),
                                List.of(new Prediction(" Ishmael", 0.5), new Prediction(".\n", 0.75)))));
        Report report = new Report(Language.ENGLISH, "t", "s", "a", List.of(), List.of(), List.of(passage));
        assertThat(HtmlReport.write(report))
                .contains("<span class=\"d1\" title=\"depth 1 of 2\">Call</span>")
                .contains(
                        "<span class=\"d2\" title=\"depth 2 of 2\npredicted with probability 25.0 % (surprise 1.39 nats)"
                                + "\npredicted next at depth 1: “ Ishmael” 50.0 %\npredicted next at depth 2: “.↵” 75.0 %\""
                                + "> me</span>")
                .contains("50 % of these tokens");
    }

    @Test
    void aDepthThatTheModelDoesNotHaveIsRefused() {
        assertThatThrownBy(() -> new Passage("", "", 2, List.of(new PassageToken("x", 3, 0, List.of()))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("depth 3 in a model of 2 recursions");
    }

    @Test
    void aRowThatDoesNotFillItsColumnsIsRefused() {
        assertThatThrownBy(() -> new Table("", "", List.of(new Column("a", "")), List.of(List.of("1", "2")), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a row of 2 cells in a table of 1 columns");
    }

    @Test
    void theSameReportGivesTheSameBytes() {
        assertThat(HtmlReport.write(SampleReport.with("x", 4))).isEqualTo(HtmlReport.write(SampleReport.with("x", 4)));
    }

    /// Parses the page strictly: an XML parser accepts it too, except for its first line and the content of
    /// style and script.
    private static Document parsed(String html) throws Exception {
        String xml = html.replace("<!DOCTYPE html>", "")
                .replaceAll("(?s)<style>.*?</style>", "<style/>")
                .replaceAll("(?s)<script>.*?</script>", "<script/>");
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }
}
