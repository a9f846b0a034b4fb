package dev.saiki.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/// One HTTP request and its response, independent of the server that carries them.
public interface Exchange {

    /// Returns the method.
    ///
    /// @return the method in upper case
    String method();

    /// Returns the path, decoded, without the query.
    ///
    /// @return the path, with its leading slash
    String path();

    /// Returns the path as the client sent it, neither decoded nor simplified, without the query.
    ///
    /// @return the raw path
    String rawPath();

    /// Returns the address of the sender.
    ///
    /// @return the address of the client, or of the proxy in front of it
    String client();

    /// Returns a header of the request.
    ///
    /// @param name the name of the header, in any case
    /// @return the first value
    Optional<String> header(String name);

    /// Returns all headers of the request.
    ///
    /// @return values by name, in their original order and case
    Map<String, List<String>> headers();

    /// Returns the whole query.
    ///
    /// @return the raw query, without the question mark; empty if there is none
    String query();

    /// Returns a parameter of the query, decoded.
    ///
    /// @param name the name of the parameter
    /// @return the first value
    Optional<String> query(String name);

    /// Opens the body of the request.
    ///
    /// @return the bytes of the body
    InputStream body();

    /// Sets a header of the response. Call this method before the response is started.
    ///
    /// @param name the name of the header
    /// @param value the value of the header
    void setHeader(String name, String value);

    /// Sends a whole response.
    ///
    /// @param status the HTTP status
    /// @param contentType the content type of the body
    /// @param body the bytes
    /// @throws ClientGoneException if the client has disconnected
    void send(int status, String contentType, byte[] body);

    /// Starts a streamed response with status 200.
    ///
    /// @param contentType the content type of the body
    /// @return the stream to write to; closing it ends the response
    /// @throws IOException if the client has disconnected
    default OutputStream stream(String contentType) throws IOException {
        return stream(200, contentType);
    }

    /// Starts a streamed response.
    ///
    /// @param status the HTTP status
    /// @param contentType the content type of the body
    /// @return the stream to write to; closing it ends the response
    /// @throws IOException if the client has disconnected
    OutputStream stream(int status, String contentType) throws IOException;

    /// Sets an action that runs before sending: before a whole response once, and in a streamed response
    /// before each part and before the end.
    ///
    /// @param action receives the HTTP status; if it throws an exception, the response or its next part is not
    ///     sent
    void beforeSending(IntConsumer action);

    /// Returns the status of the response.
    ///
    /// @return the status; empty if no response has been sent completely
    OptionalInt sentStatus();

    /// Returns the length of the response so far.
    ///
    /// @return the number of bytes of its body
    long sentBytes();

    /// Watches for a disconnect of the client while the response is produced. Call this method after the request
    /// has been read.
    ///
    /// @param gone the action to run on a disconnect; called at most once, on another thread
    /// @return the watch, which ends when it is closed
    Watch watch(Runnable gone);

    /// A watch for the client's disconnect while the response is produced.
    interface Watch extends AutoCloseable {

        /// Stops the watch.
        @Override
        void close();
    }
}
