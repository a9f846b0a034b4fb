/// Shared parts of the format readers and writers: the imported model, converted tensors, and the row order of heads.
package dev.saiki.convert.foreign;
