/// Adapters: low-rank updates of a model's linear maps (LoRA), each in its own folder.
package dev.saiki.checkpoint.adapter;
