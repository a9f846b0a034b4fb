/// The two answers to one request, the baseline's and the candidate's, in comparable form.
package dev.saiki.rollout.pair;
