/// The request and answer fields that several protocols share.
package dev.saiki.server.protocol;
