/// The path of a request through the gateway: assignment to a side, forwarding, the answer's way back, and
/// mirroring to the other side.
package dev.saiki.rollout.proxy;
