/// The cost of a configuration, from its structure alone: parameters, forward FLOPs, and bytes of key-value cache.
package dev.saiki.checkpoint.accounting;
