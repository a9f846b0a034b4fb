package dev.saiki.engine.cache;

import dev.saiki.engine.settings.RouteSettings;

/// The key under which texts share prefixes: the owner, and all inputs other than the tokens that determine
/// depths, keys and values. Only texts with equal keys share prefixes.
///
/// @param reading number of the reading of the checkpoint, or of the adapter if there is one. The number
///     identifies the weights, the router's thresholds, the number formats and the storage of keys and values.
///     Each reading has a new number, even a second reading of the same files
/// @param route all depth settings of the request: bounds, effort, forced depths
/// @param owner sender of the text; owners do not share prefixes, because a cache hit shortens the response time
///     and would reveal a text to other owners
public record PrefixKey(long reading, RouteSettings route, String owner) {}
