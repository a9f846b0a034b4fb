/// What the readers of all formats share: the imported model, widened tensors, and the row order of heads.
package dev.saiki.convert.foreign;
