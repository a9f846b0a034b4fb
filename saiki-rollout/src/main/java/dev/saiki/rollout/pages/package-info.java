/// The web page of a rollout, and the statistics that it shows.
package dev.saiki.rollout.pages;
