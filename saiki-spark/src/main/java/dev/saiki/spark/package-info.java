/// Preparation of training data on a Spark cluster. Its output is byte for byte that of `saiki data prepare` and
/// `saiki tokenizer train`.
///
/// Reading, rules, sketches, encoding and the shard format are those of `saiki-text`; this package only moves
/// documents between machines. One task reads each source, usually a file, in order, and every document has a
/// {@link dev.saiki.text.cleaning.DocumentPosition}. So the result depends neither on the number of partitions nor
/// on repeated tasks.
@NullMarked
package dev.saiki.spark;

import org.jspecify.annotations.NullMarked;
