/// The readings of the candidate's router, and the rules for alarms.
package dev.saiki.rollout.router;
