/// What can be chosen: how an engine uses the machine, and how deep a request's tokens may go; and
/// what a router says to that.
@org.jspecify.annotations.NullMarked
package dev.saiki.engine.settings;
