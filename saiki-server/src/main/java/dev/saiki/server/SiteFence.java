package dev.saiki.server;

import dev.saiki.server.access.ForeignPages;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.settings.AllowedOrigins;

/// The fence that keeps pages of other sites from using a server of another module that asks for no key.
public final class SiteFence {

    private final ForeignPages pages;

    /// Makes a fence.
    ///
    /// @param host where the server listens
    /// @param openToAll whether it asks for no key; otherwise nothing is refused
    public SiteFence(String host, boolean openToAll) {
        this.pages = new ForeignPages(host, openToAll, AllowedOrigins.NONE);
    }

    /// Refuses a request that a page of another site has made.
    ///
    /// @param exchange the request
    /// @throws ApiException with status 403
    public void refuseForeign(Exchange exchange) {
        pages.refuse(exchange);
    }
}
