/// Depth-aware keys and values: each page belongs to one recursion step of one sequence, comes from a shared pool,
/// and is retained for sequences that begin with the same tokens.
///
/// A {@link dev.saiki.engine.cache.KeyValueStore} belongs to one place of one sequence and grows only with tokens
/// that reach that depth. {@link dev.saiki.engine.cache.VisibleKeys} are the keys that a token attends to: those
/// of its own step (recursion-wise caching), those of the first (recursive sharing), or both (hybrid). With
/// key-value completion, its own step also has those of tokens that exited, computed from their last states.
///
/// If every layer has a sliding window, a sequence releases the pages behind the window, so that a text of any
/// length takes no more pages than a window does.
///
/// {@link dev.saiki.engine.cache.PrefixCache} retains the keys and values of texts in a tree of tokens for each
/// {@link dev.saiki.engine.cache.PrefixKey}: one reading of a model, the depth settings of the request, and the
/// owner, so that response times do not reveal what another owner has sent. A request with a cached prefix shares
/// its full pages, copies the one that has room, and computes only the rest; the last prompt token is always
/// computed, because the first token of the answer is predicted from it. A page that is only retained is as good
/// as free: when the pool has no other, the least recently used leaf of the tree is evicted. Scoring neither reads
/// nor fills the cache.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.cache;
