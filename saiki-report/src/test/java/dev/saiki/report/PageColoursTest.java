package dev.saiki.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.io.display.DepthPalette;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The contrasts of the style sheet, as required by the Web Content Accessibility Guidelines (level AA).
class PageColoursTest {

    private static final double TEXT = 4.5;
    private static final double GRAPHICS = 3;
    private static final Pattern PROPERTY = Pattern.compile("--([a-z]+\\d?):#([0-9a-f]{6})");

    /// Colours of the light and of the dark page, in the order of the style sheet.
    private static List<Map<String, double[]>> pages() throws IOException {
        try (InputStream input = Objects.requireNonNull(HtmlReport.class.getResourceAsStream("report.css"))) {
            String css = new String(input.readAllBytes(), StandardCharsets.UTF_8);
            return css.lines().limit(2).map(PageColoursTest::colours).toList();
        }
    }

    private static Map<String, double[]> colours(String line) {
        Map<String, double[]> colours = new TreeMap<>();
        PROPERTY.matcher(line).results().forEach(property -> {
            int rgb = Integer.parseInt(property.group(2), 16);
            colours.put(property.group(1), new double[] {rgb >> 16, rgb >> 8 & 255, rgb & 255});
        });
        return colours;
    }

    private static double contrast(Map<String, double[]> page, String one, String other) {
        double first = DepthPalette.luminance(Objects.requireNonNull(page.get(one), one));
        double second = DepthPalette.luminance(Objects.requireNonNull(page.get(other), other));
        return DepthPalette.contrast(Math.max(first, second), Math.min(first, second));
    }

    @Test
    void textIsReadableOnPaperAndOnCards() throws IOException {
        assertThat(pages()).hasSize(2).allSatisfy(page -> {
            for (String text : List.of("ink", "soft", "focus")) {
                for (String ground : List.of("paper", "card")) {
                    assertThat(contrast(page, text, ground))
                            .as("%s on %s", text, ground)
                            .isGreaterThanOrEqualTo(TEXT);
                }
            }
        });
    }

    @Test
    void linesOfChartsStandOutFromThePaper() throws IOException {
        assertThat(pages()).allSatisfy(page -> {
            for (int series = 0; series < LineChartSvg.NUM_COLOURS; series++) {
                assertThat(contrast(page, "s" + series, "paper"))
                        .as("series %d", series)
                        .isGreaterThanOrEqualTo(GRAPHICS);
            }
        });
    }
}
