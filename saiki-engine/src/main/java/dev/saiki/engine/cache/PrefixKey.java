package dev.saiki.engine.cache;

import dev.saiki.engine.settings.RouteSettings;

/// The key of texts that share prefixes: all inputs, apart from the tokens themselves, that determine depths, keys
/// and values, and the owner. Only texts with equal keys share prefixes.
///
/// @param reading identifies the weights, with those of an adapter, the router's thresholds, the number formats
///     and the storage of keys and values, all of which are fixed when a checkpoint or an adapter is read; every
///     reading has a different number, even of the same files
/// @param route all depth settings of the request: bounds, effort, forced depths
/// @param owner who sent the text: a cache hit shortens the response time, which would reveal the text to other
///     owners
public record PrefixKey(long reading, RouteSettings route, String owner) {}
