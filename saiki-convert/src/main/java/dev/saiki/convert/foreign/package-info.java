/// Shared parts of all format readers: the imported model, widened tensors, and the row order of heads.
package dev.saiki.convert.foreign;
