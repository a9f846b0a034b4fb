/// Endpoints for operators: health, metrics, slots, history, the router, reloading, and audit records.
package dev.saiki.server.operations;
