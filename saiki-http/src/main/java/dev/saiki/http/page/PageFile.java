package dev.saiki.http.page;

import dev.saiki.http.Exchange;
import dev.saiki.io.Resources;
import java.nio.charset.StandardCharsets;

/// A file of a web page, ready to send.
///
/// @param contentType the media type of the file
/// @param content the file's bytes
@SuppressWarnings("ArrayRecordComponent") // Bytes that nothing compares.
public record PageFile(String contentType, byte[] content) {

    /// A policy that allows only the server's own files, and no markup or scripts created from strings.
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'; trusted-types 'none'";

    /// Makes a file.
    ///
    /// @param name a file name, from whose extension the media type follows
    /// @param content the file's bytes
    /// @return the file
    public static PageFile of(String name, byte[] content) {
        String type = switch (name.substring(name.lastIndexOf('.'))) {
            case ".html" -> "text/html; charset=utf-8";
            case ".css" -> "text/css; charset=utf-8";
            case ".js" -> "text/javascript; charset=utf-8";
            case ".json" -> "application/json";
            case ".svg" -> "image/svg+xml";
            case ".txt" -> "text/plain; charset=utf-8";
            default -> throw new IllegalArgumentException(name);
        };
        return new PageFile(type, content);
    }

    /// Makes a file of text.
    ///
    /// @param name a file name, from whose extension the media type follows
    /// @param text the file's content
    /// @return the file
    public static PageFile of(String name, String text) {
        return of(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Reads a file shared by the pages of all servers.
    ///
    /// @param name `pages.css`, `icon.svg`, `words.js`, `elements.js`, or a file of uPlot
    /// @return the file
    public static PageFile shared(String name) {
        return of(name, Resources.bytes(PageFile.class.getResourceAsStream(name), name));
    }

    /// Sends the file under a strict content security policy.
    ///
    /// @param exchange the request for the file
    public void send(Exchange exchange) {
        send(exchange, POLICY);
    }

    /// Sends the file.
    ///
    /// @param exchange the request for the file
    /// @param policy the file's content security policy
    public void send(Exchange exchange, String policy) {
        exchange.setHeader("Content-Security-Policy", policy);
        exchange.setHeader("X-Content-Type-Options", "nosniff");
        exchange.setHeader("Referrer-Policy", "no-referrer");
        exchange.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        exchange.setHeader("Cache-Control", "no-cache");
        exchange.send(200, contentType, content);
    }
}
