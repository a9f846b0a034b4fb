/// Preparation of training data on a Spark cluster. The output is byte for byte that of `saiki data prepare` and
/// `saiki tokenizer train`.
///
/// Reading, rules, sketches, encoding and the shard format are those of `saiki-text`; this package only moves
/// documents between machines. Each source, usually a file, is read in order by one task, and every document has a
/// {@link dev.saiki.text.cleaning.DocumentPosition}. So the result depends neither on the number of partitions nor
/// on repeated tasks.
@NullMarked
package dev.saiki.spark;

import org.jspecify.annotations.NullMarked;
