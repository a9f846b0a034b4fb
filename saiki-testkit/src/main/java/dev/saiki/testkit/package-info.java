/// Test assertions and fixtures shared by all modules.
package dev.saiki.testkit;
