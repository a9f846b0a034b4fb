/// Test assertions and fixtures for all modules.
package dev.saiki.testkit;
