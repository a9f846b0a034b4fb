/// The checks that measure how much worse a candidate's answer is than a baseline's.
package dev.saiki.rollout.check;
