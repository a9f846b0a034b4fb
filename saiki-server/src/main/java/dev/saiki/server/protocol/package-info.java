/// The fields of requests and answers that several protocols share.
package dev.saiki.server.protocol;
