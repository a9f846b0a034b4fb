/// What a configuration costs, read from its structure alone: parameters, forward FLOPs, bytes of key-value cache.
package dev.saiki.checkpoint.accounting;
