/// The plan of a move from one model to another: who is asked, in which stages, and what has to be shown.
package dev.saiki.rollout.plan;
