/// Training data on a Spark cluster: the files that `saiki data prepare` and `saiki tokenizer train` write, to
/// the byte.
///
/// Reading, rules, sketches, encoding and the format of shards are those of `saiki-text`; here is only what
/// moves documents between machines. A source, usually a file, is read by one task, in order, and every
/// document has its {@link dev.saiki.text.cleaning.DocumentPosition}; so nothing depends on the number of
/// partitions, nor on tasks that run twice.
@NullMarked
package dev.saiki.spark;

import org.jspecify.annotations.NullMarked;
