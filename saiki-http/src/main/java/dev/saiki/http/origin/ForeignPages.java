package dev.saiki.http.origin;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.server.ListenOptions;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// A guard for a server without API keys, against web pages of other sites.
///
/// A browser lets any page send simple requests to any address, including the user's own machine. The browser
/// names the page's origin in the header `Origin`; that origin must be this server or an allowed one. A page can
/// also redirect its own host name to this machine after it was loaded (DNS rebinding); `Host` and `Origin` then
/// both contain that name. Therefore a server that listens only locally accepts only names of this machine and IP
/// addresses in `Host`. With API keys this guard is not needed, because a browser does not add keys by itself.
public final class ForeignPages {

    private static final Pattern PORT = Pattern.compile(":[0-9]*$");
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9a-f:.]+]");

    private final boolean openToAll;
    private final AllowedOrigins allowed;
    private final boolean thisMachineAlone;
    private final String ownName;

    /// Creates the guard.
    ///
    /// @param listen where the server listens
    /// @param openToAll whether the server has no keys
    /// @param allowed the other origins whose pages may call the server
    public ForeignPages(ListenOptions listen, boolean openToAll, AllowedOrigins allowed) {
        this.openToAll = openToAll;
        this.allowed = allowed;
        this.thisMachineAlone = listen.isLocal();
        this.ownName = listen.host().toLowerCase(Locale.ROOT);
    }

    /// Refuses a request from a page of another site.
    ///
    /// @param exchange the request
    /// @throws ApiException with status 403
    public void refuse(Exchange exchange) {
        Optional<String> host = exchange.header("Host").map(named -> named.toLowerCase(Locale.ROOT));
        if (!openToAll || host.isEmpty()) {
            return;
        }
        if (thisMachineAlone && !isOfThisMachine(PORT.matcher(host.get()).replaceFirst(""))) {
            throw ApiException.foreignPage(
                    "without API keys this server can be reached only as localhost or by IP address;"
                            + " set up API keys to use other names");
        }
        exchange.header("Origin").map(origin -> origin.toLowerCase(Locale.ROOT)).ifPresent(origin -> {
            boolean own = origin.equals("http://" + host.get()) || origin.equals("https://" + host.get());
            if (!own && !allowed.allows(origin)) {
                throw ApiException.foreignPage(
                        "web pages of other sites may call this server only if it has API keys or"
                                + " --allowed-origins lists their origin");
            }
        });
    }

    private boolean isOfThisMachine(String name) {
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.equals(ownName)
                || ADDRESS.matcher(name).matches();
    }
}
