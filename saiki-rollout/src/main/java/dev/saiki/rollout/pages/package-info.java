/// The web page of a rollout, and the figures that it shows.
package dev.saiki.rollout.pages;
