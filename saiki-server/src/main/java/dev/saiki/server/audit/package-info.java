/// What is kept of every request: on disk before it is answered, then in a database.
package dev.saiki.server.audit;
