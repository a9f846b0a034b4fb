package dev.saiki.io.display;

import java.util.Locale;

/// The colours for depths. A deeper colour differs more from the page in lightness, so the order is visible
/// without colour vision too.
///
/// The hues run from yellow over green to blue, which people with any of the usual colour deficiencies can
/// distinguish. A depth has the same hue on light and dark pages. The text on each colour is black or white,
/// whichever has the greater contrast, so the contrast is at least 4.5 to 1. The underline of the text also shows
/// the depth: none, single, double, wavy.
public final class DepthPalette {

    /// The interpolation points on a white page, from the shallowest to the deepest depth, as red, green, blue.
    private static final double[][] LIGHT = {
        {253, 245, 200}, {166, 219, 150}, {76, 174, 152}, {42, 116, 142}, {52, 62, 117},
    };

    /// The interpolation points on a dark page, from the shallowest to the deepest depth.
    private static final double[][] DARK = {
        {70, 62, 26}, {56, 104, 58}, {48, 148, 130}, {104, 182, 216}, {206, 212, 255},
    };

    private static final String[] UNDERLINES = {"none", "solid", "double", "wavy"};

    private DepthPalette() {}

    /// Writes a style sheet: the classes `d1`, `d2` and so on, for light and dark pages.
    ///
    /// @param numRecursions the maximum depth
    /// @return CSS
    public static String styleSheet(int numRecursions) {
        return ":root{" + properties(numRecursions, false) + "}\n@media screen and (prefers-color-scheme:dark){:root{"
                + properties(numRecursions, true) + "}}\n" + rules(numRecursions) + "\n";
    }

    /// Writes the custom properties `--d1`, `--t1` and so on: background and text colour of each depth.
    ///
    /// @param numRecursions the maximum depth
    /// @param dark whether the page is dark
    static String properties(int numRecursions, boolean dark) {
        StringBuilder css = new StringBuilder();
        for (int depth = 1; depth <= numRecursions; depth++) {
            double[] ground = ground(depth, numRecursions, dark);
            css.append(String.format(
                    Locale.ROOT,
                    "--d%d:rgb(%.0f,%.0f,%.0f);--t%d:%s;",
                    depth,
                    ground[0],
                    ground[1],
                    ground[2],
                    depth,
                    contrast(1, luminance(ground)) >= contrast(luminance(ground), 0) ? "#fff" : "#000"));
        }
        return css.toString();
    }

    /// Writes the rules of the classes `d1`, `d2` and so on.
    ///
    /// @param numRecursions the maximum depth
    static String rules(int numRecursions) {
        StringBuilder css = new StringBuilder();
        for (int depth = 1; depth <= numRecursions; depth++) {
            css.append(
                    ".d%1$d{background:var(--d%1$d);color:var(--t%1$d);fill:var(--d%1$d);text-decoration-style:%2$s%3$s}"
                            .formatted(depth, underline(depth), depth == 1 ? "" : ";text-decoration-line:underline"));
        }
        return css.toString().replace("text-decoration-style:none", "text-decoration-line:none");
    }

    /// Returns the background colour of a depth.
    static double[] ground(int depth, int numRecursions, boolean dark) {
        double[][] points = dark ? DARK : LIGHT;
        // A scale of three or fewer depths omits the deep end, which would contrast too much with the page.
        double reach = numRecursions == 1 ? 0 : numRecursions == 2 ? 0.35 : numRecursions == 3 ? 0.75 : 1;
        double at = numRecursions == 1 ? 0 : reach * (depth - 1) / (numRecursions - 1) * (points.length - 1);
        int low = Math.min((int) at, points.length - 2);
        double[] colour = new double[3];
        for (int channel = 0; channel < 3; channel++) {
            colour[channel] = points[low][channel] + (at - low) * (points[low + 1][channel] - points[low][channel]);
        }
        return colour;
    }

    /// Computes the relative luminance of a colour as the Web Content Accessibility Guidelines define it.
    ///
    /// @param colour red, green and blue, from 0 to 255
    /// @return luminance, from 0 to 1
    public static double luminance(double[] colour) {
        double[] weights = {0.2126, 0.7152, 0.0722};
        double sum = 0;
        for (int channel = 0; channel < 3; channel++) {
            double value = colour[channel] / 255;
            sum += weights[channel] * (value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4));
        }
        return sum;
    }

    /// Computes the contrast of two luminances, where the lighter one comes first.
    ///
    /// @param lighter luminance
    /// @param darker luminance
    /// @return contrast, from 1 to 21
    public static double contrast(double lighter, double darker) {
        return (lighter + 0.05) / (darker + 0.05);
    }

    private static String underline(int depth) {
        return UNDERLINES[Math.min(depth, UNDERLINES.length) - 1];
    }
}
