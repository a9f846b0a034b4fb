package dev.saiki.server.generation;

import dev.saiki.server.http.EventStream;
import dev.saiki.server.http.Json;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/// What all pieces of a stream have in common.
///
/// @param envelope its fields
/// @param wire the same as it is sent, around the one choice of a piece
public record PieceFrame(ObjectNode envelope, EventStream.Frame wire) {

    /// Makes a frame.
    ///
    /// @param envelope fields in front of the choices
    /// @param usage whether a field for the usage, empty until the last piece, stands behind them
    public static PieceFrame of(ObjectNode envelope, boolean usage) {
        String fields = new String(Json.bytes(envelope), StandardCharsets.UTF_8);
        String open = fields.substring(0, fields.length() - 1);
        return new PieceFrame(
                envelope, new EventStream.Frame(open + ",\"choices\":[", usage ? "],\"usage\":null}" : "]}"));
    }
}
