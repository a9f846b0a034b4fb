/// Assertions and fixtures of the tests of all modules.
package dev.saiki.testkit;
