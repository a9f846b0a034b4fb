/// Statements and transactions of SQL databases.
package dev.saiki.io.sql;
