/// What readers of all formats share: a model on its way in, widened tensors, and the order of a head's rows.
package dev.saiki.convert.foreign;
