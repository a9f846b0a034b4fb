package dev.saiki.engine.cache;

import dev.saiki.engine.settings.RouteSettings;

/// The key under which texts share prefixes: the owner and, apart from the tokens, everything that determines
/// depths, keys and values. Only texts with equal keys share prefixes.
///
/// @param reading number of the reading of the checkpoint, or of the adapter if there is one. The number
///     identifies the weights, the router's thresholds, the number formats and the storage of keys and
///     values. Every reading has a new number, even if the same files are read a second time
/// @param route all depth settings of the request: bounds, effort, forced depths
/// @param owner sender of the text; owners do not share prefixes, because a cache hit shortens the response
///     time and so would reveal one owner's text to another
public record PrefixKey(long reading, RouteSettings route, String owner) {}
