/// A gateway in front of two models, the baseline and the candidate that may replace it. The gateway sends
/// requests to both models, compares their answers, and moves traffic from one to the other step by step, or back.
package dev.saiki.rollout;
