/// The path of a request through the gateway: assigning it to a side, forwarding it, returning the answer, and
/// mirroring the request to the other side.
package dev.saiki.rollout.proxy;
