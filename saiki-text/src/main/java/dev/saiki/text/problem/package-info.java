/// Problems whose difficulty is known: texts in which answers are marked, made to show what depth is worth.
package dev.saiki.text.problem;
