/// A gateway in front of two models, the one that is there and the one that may take its place. It asks both, holds
/// their answers against each other, and moves traffic from one to the other step by step, or back.
package dev.saiki.rollout;
