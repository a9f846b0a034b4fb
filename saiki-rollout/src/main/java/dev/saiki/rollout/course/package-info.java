/// The decisions of a rollout: its position, the evidence of its run, and the moves that follow.
package dev.saiki.rollout.course;
