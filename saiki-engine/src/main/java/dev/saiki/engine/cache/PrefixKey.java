package dev.saiki.engine.cache;

import dev.saiki.engine.settings.RouteSettings;

/// The key under which texts share prefixes: the owner and, apart from the tokens, everything that determines
/// depths, keys and values. Only texts with equal keys share prefixes.
///
/// @param reading number that the checkpoint, or the adapter if there is one, got when its files were read. The
///     number identifies the weights, the router's thresholds, the number formats and the storage of keys and
///     values. Files that are read a second time get a new number
/// @param route all depth settings of the request: bounds, effort, forced depths
/// @param owner sender of the text; owners do not share prefixes, because a cache hit shortens the response
///     time and so would reveal one owner's text to another
public record PrefixKey(long reading, RouteSettings route, String owner) {}
