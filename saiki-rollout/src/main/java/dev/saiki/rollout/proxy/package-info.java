/// The way of a request through the gateway: who answers it, how it is sent there, how the answer comes back, and how
/// the other side is asked in the background.
package dev.saiki.rollout.proxy;
