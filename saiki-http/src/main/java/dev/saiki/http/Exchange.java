package dev.saiki.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One HTTP request and its answer, independent of the server that carries them.
public interface Exchange {

    /// Returns the method.
    ///
    /// @return in upper case
    String method();

    /// Returns the path, decoded, without the query.
    ///
    /// @return from its first slash
    String path();

    /// Returns where the request comes from.
    ///
    /// @return the address of the client, or of the proxy that it came through
    String client();

    /// Returns a header of the request.
    ///
    /// @param name its name, in any case
    /// @return the first value
    Optional<String> header(String name);

    /// Returns all headers of the request.
    ///
    /// @return values by name, in the order and the case in which they came
    Map<String, List<String>> headers();

    /// Returns the whole query.
    ///
    /// @return as it came, without the question mark; empty if there is none
    String query();

    /// Returns a parameter of the query, decoded.
    ///
    /// @param name its name
    /// @return the first value
    Optional<String> query(String name);

    /// Opens the body of the request.
    ///
    /// @return its bytes
    InputStream body();

    /// Sets a header of the answer, before it begins.
    ///
    /// @param name its name
    /// @param value its value
    void setHeader(String name, String value);

    /// Answers in one piece.
    ///
    /// @param status of HTTP
    /// @param contentType of the body
    /// @param body the bytes
    /// @throws ClientGoneException if nobody listens any more
    void send(int status, String contentType, byte[] body);

    /// Begins an answer of many pieces, with status 200.
    ///
    /// @param contentType of the body
    /// @return where to write; closing it ends the answer
    /// @throws IOException if nobody listens any more
    default OutputStream stream(String contentType) throws IOException {
        return stream(200, contentType);
    }

    /// Begins an answer of many pieces.
    ///
    /// @param status of HTTP
    /// @param contentType of the body
    /// @return where to write; closing it ends the answer
    /// @throws IOException if nobody listens any more
    OutputStream stream(int status, String contentType) throws IOException;

    /// Watches, while an answer is made, whether the client goes away. To be asked for when the request has
    /// been read.
    ///
    /// @param gone called at most once, on another thread
    /// @return the watch, which ends when it is closed
    Watch watch(Runnable gone);

    /// A look after the client, while an answer is made.
    interface Watch extends AutoCloseable {

        /// Looks no more.
        @Override
        void close();
    }
}
