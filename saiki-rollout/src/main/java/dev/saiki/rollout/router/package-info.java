/// What the candidate's router says of itself, and when that is an alarm.
package dev.saiki.rollout.router;
