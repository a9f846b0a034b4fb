/// The plan of a move from one model to another: the models, the stages, and the required evidence.
package dev.saiki.rollout.plan;
