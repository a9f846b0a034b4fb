/// Adapters: low-rank updates of the linear maps of a model (LoRA), in a folder of their own beside it.
package dev.saiki.checkpoint.adapter;
