/// Commands that run and steer a gateway.
package dev.saiki.cli.rollout;
