/// What the server tells monitoring about itself.
package dev.saiki.server.metrics;
