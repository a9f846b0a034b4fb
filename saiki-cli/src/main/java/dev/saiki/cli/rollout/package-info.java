/// Commands that run and control a gateway.
package dev.saiki.cli.rollout;
