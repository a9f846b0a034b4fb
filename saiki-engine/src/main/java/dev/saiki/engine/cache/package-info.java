/// Keys and values that know about depth: pages that belong to one recursion step of one sequence, taken
/// from one pool, and kept for sequences that begin with the same tokens.
///
/// A {@link dev.saiki.engine.cache.KeyValueStore} belongs to one place of one sequence and grows only with
/// tokens that came so deep. {@link dev.saiki.engine.cache.VisibleKeys} are what a token sees: those of its
/// own step (recursion-wise caching), those of the first (recursive sharing), or both (hybrid). Where they are
/// completed, its own step has those of tokens that left too, made of their last states.
///
/// If every layer has a sliding window, a sequence lets go of the pages behind it, so that a text of any length takes
/// no more of them than a window does.
///
/// {@link dev.saiki.engine.cache.PrefixCache} keeps what texts have left in a tree of tokens for each
/// {@link dev.saiki.engine.cache.PrefixKey}: one reading of a model, what a request says of depth, and
/// the name of its key, so that times tell nobody what another one has sent. A request that begins as one
/// of them shares its full pages, copies the one that has room, and computes only the rest; its last prompt
/// token always, which its first token follows from. A page that is only kept is as good as free: when the
/// pool has no other, the longest unused leaf of the tree goes. Scoring neither reads nor fills it.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.cache;
