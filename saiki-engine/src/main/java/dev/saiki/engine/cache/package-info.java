/// Depth-aware keys and values: each page comes from a shared pool, belongs to one recursion step of one or more
/// sequences, and can be retained for later sequences that begin with the same tokens.
///
/// A {@link dev.saiki.engine.cache.KeyValueStore} belongs to one sequence and one recursion step (or the layers
/// before or after the recursion), and grows only with tokens that reach that step.
/// {@link dev.saiki.engine.cache.VisibleKeys} are the keys that a token attends to: the keys of its own step
/// (recursion-wise caching), the keys of the first step (recursive sharing), or both (hybrid). With key-value
/// completion, the token's own step also has keys of tokens that exited before, computed from their last states.
///
/// If every layer has a sliding window, a sequence releases the pages before the window, so that a text longer
/// than the window takes no more pages as it grows.
///
/// {@link dev.saiki.engine.cache.PrefixCache} retains the keys and values of texts. There is one tree of tokens
/// for each {@link dev.saiki.engine.cache.PrefixKey}, which consists of a number that identifies the loaded
/// weights, the depth settings of the request, and the owner. The key includes the owner so that response times do
/// not reveal what another owner has sent. A request with a cached prefix shares the prefix's full pages, copies
/// the pages with free slots, and computes only the tokens after the prefix. The last prompt token is always
/// computed, because the first token of the answer is predicted from it. A page that is only retained counts as
/// free: when the pool has no other page left, the least recently used leaf of a tree is evicted. Scoring neither
/// reads nor fills the cache.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.cache;
