/// The router audit: what a learned router does, what its decisions cause, and whether they earn their keep.
package dev.saiki.eval.audit;
