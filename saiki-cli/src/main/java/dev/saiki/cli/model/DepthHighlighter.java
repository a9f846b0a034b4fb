package dev.saiki.cli.model;

/// A text that shows the depth of every token: by a colour if the terminal has colours, otherwise by a small
/// number after the token.
public record DepthHighlighter(boolean coloured) {

    /// Text colours of the 256-colour palette, from cool for shallow depths to warm for deep ones. Their lightness
    /// varies, so that colour-blind users can distinguish them.
    private static final int[] COLOURS = {69, 79, 221, 208};

    private static final String ESCAPE = "\u001b[";

    /// A token's text marked with its depth.
    public String token(String text, int depth) {
        if (text.isEmpty()) {
            return text;
        }
        return coloured ? ESCAPE + "38;5;" + colour(depth) + "m" + text + ESCAPE + "0m" : text + subscript(depth);
    }

    /// The legend of the colours or numbers, for depths from 1 to the deepest.
    public String legend(int deepest) {
        StringBuilder legend = new StringBuilder("depth:");
        for (int depth = 1; depth <= deepest; depth++) {
            legend.append(' ').append(coloured ? token(Integer.toString(depth), depth) : subscript(depth));
        }
        return legend.toString();
    }

    private static int colour(int depth) {
        return COLOURS[Math.clamp(depth, 1, COLOURS.length) - 1];
    }

    private static String subscript(int number) {
        StringBuilder digits = new StringBuilder();
        for (char digit : Integer.toString(number).toCharArray()) {
            digits.append((char) ('₀' + (digit - '0')));
        }
        return digits.toString();
    }
}
