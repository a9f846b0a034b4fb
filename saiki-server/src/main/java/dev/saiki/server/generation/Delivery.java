package dev.saiki.server.generation;

import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.EventStream;
import tools.jackson.databind.node.ObjectNode;

/// How documents that are made for chat and text completions come to the client.
public interface Delivery {

    /// As they are: each piece an event without a name, and at the end `[DONE]`. A failure is an event of
    /// the name `error`: some clients look at its name only, and others at its field.
    Delivery AS_IT_IS = new Delivery() {

        @Override
        public ObjectNode whole(ObjectNode body) {
            return body;
        }

        @Override
        public void piece(EventStream stream, PieceFrame frame, ObjectNode choice) {
            stream.send(frame.wire(), choice);
        }

        @Override
        public void usage(EventStream stream, ObjectNode piece) {
            stream.send(piece);
        }

        @Override
        public void done(EventStream stream) {
            stream.done();
        }

        @Override
        public void failed(EventStream stream, ApiException failure) {
            stream.send("error", failure.toJson());
        }
    };

    /// What an answer in one piece is sent as.
    ObjectNode whole(ObjectNode body);

    /// Sends a piece.
    ///
    /// @param choice what is new in it
    void piece(EventStream stream, PieceFrame frame, ObjectNode choice);

    /// Sends what the answer cost, in a piece without a choice.
    void usage(EventStream stream, ObjectNode piece);

    /// Says that the answer is whole.
    void done(EventStream stream);

    /// Says that the answer will not be whole.
    void failed(EventStream stream, ApiException failure);
}
