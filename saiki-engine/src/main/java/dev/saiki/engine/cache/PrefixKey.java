package dev.saiki.engine.cache;

import dev.saiki.engine.settings.RouteSettings;

/// The key of texts that share prefixes: what decides, beside the tokens themselves, how deep tokens go and
/// which keys and values they leave; and whose they are. Only texts of equal keys share prefixes.
///
/// @param reading names the weights, with those of an adapter, the thresholds of the router, the number formats and
///     the way keys and values are kept, all of which are fixed when a checkpoint or an adapter is read; no two
///     readings have the same number, even of the same files
/// @param route all that a request says about depth: bounds, effort, forced depths
/// @param owner who sent the text: what is found makes an answer come sooner, from which others could tell it
public record PrefixKey(long reading, RouteSettings route, String owner) {}
