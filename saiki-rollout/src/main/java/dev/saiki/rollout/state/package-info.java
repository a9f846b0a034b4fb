/// Where a rollout stands, the evidence that moves it, and the database that holds both.
package dev.saiki.rollout.state;
