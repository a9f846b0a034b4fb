/// What those need who run a server: health, slots, models, the router, audit records.
package dev.saiki.server.operations;
