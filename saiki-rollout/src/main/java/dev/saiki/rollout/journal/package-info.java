/// The storage of a rollout in SQLite or PostgreSQL. No other package contains SQL.
package dev.saiki.rollout.journal;
