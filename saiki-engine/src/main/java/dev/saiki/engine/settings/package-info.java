/// The settings: how an engine uses the machine, how deep a request's tokens may go, and what the router decides.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.settings;
