package dev.saiki.server.access;

import dev.saiki.http.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An exchange that delegates to another one; subclasses change parts.
abstract class ForwardedExchange implements Exchange {

    private final Exchange exchange;

    /// Makes an exchange.
    ///
    /// @param exchange to which all calls are delegated
    ForwardedExchange(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public String method() {
        return exchange.method();
    }

    @Override
    public String path() {
        return exchange.path();
    }

    @Override
    public String client() {
        return exchange.client();
    }

    @Override
    public Optional<String> header(String name) {
        return exchange.header(name);
    }

    @Override
    public Map<String, List<String>> headers() {
        return exchange.headers();
    }

    @Override
    public String query() {
        return exchange.query();
    }

    @Override
    public Optional<String> query(String name) {
        return exchange.query(name);
    }

    @Override
    public InputStream body() {
        return exchange.body();
    }

    @Override
    public Watch watch(Runnable gone) {
        return exchange.watch(gone);
    }

    @Override
    public void setHeader(String name, String value) {
        exchange.setHeader(name, value);
    }

    @Override
    public void send(int status, String contentType, byte[] body) {
        exchange.send(status, contentType, body);
    }

    @Override
    public OutputStream stream(int status, String contentType) throws IOException {
        return exchange.stream(status, contentType);
    }
}
