package dev.saiki.server.access;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A filter that maps Azure's paths to OpenAI's, which differ only in their prefix. The deployment's name becomes the
/// model's name.
public final class AzurePaths implements Filter {

    private static final Pattern PATH = Pattern.compile("/openai/(?:deployments/([^/]+)/|v1/)?(.+)");

    /// Passes the request on under the corresponding path of OpenAI's API.
    ///
    /// @throws dev.saiki.http.ApiException with status 404 if there is no such model
    @Override
    public void filter(Request request, Endpoint next) {
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            next.answer(request);
            return;
        }
        next.answer(request.forModel(Optional.ofNullable(path.group(1))).at("/v1/" + path.group(2)));
    }
}
