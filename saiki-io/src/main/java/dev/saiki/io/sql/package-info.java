/// SQL statements and transactions.
package dev.saiki.io.sql;
