/// The two answers to one request, the baseline's and the candidate's, in a form in which they can be compared.
package dev.saiki.rollout.pair;
