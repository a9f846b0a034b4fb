/// The elements that reports and the server's pages share.
package dev.saiki.io.display;
