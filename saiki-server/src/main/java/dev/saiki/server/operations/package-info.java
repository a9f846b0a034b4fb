/// Endpoints for operators: health, slots, models, the router, audit records.
package dev.saiki.server.operations;
