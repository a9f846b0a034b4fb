/// The ways to tell by how much a candidate's answer is worse than a baseline's.
package dev.saiki.rollout.check;
