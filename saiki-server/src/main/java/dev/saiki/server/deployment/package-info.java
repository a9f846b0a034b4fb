/// Models while they are served: how one takes the place of another, and what is done about load.
package dev.saiki.server.deployment;
