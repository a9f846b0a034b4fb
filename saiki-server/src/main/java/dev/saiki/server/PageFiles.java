package dev.saiki.server;

import dev.saiki.server.pages.PageEndpoints;

/// The files that all pages of Saiki have in common, for pages of other modules.
public final class PageFiles {

    private PageFiles() {}

    /// Returns a file.
    ///
    /// @param name of the style sheet `pages.css`, the icon `icon.svg`, or of a library that draws charts,
    ///     `uPlot.esm.js` and `uPlot.min.css`
    /// @return what stands in it
    public static String text(String name) {
        return PageEndpoints.text(name);
    }
}
