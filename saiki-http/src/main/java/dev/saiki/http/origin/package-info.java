/// Access control for web pages in a browser.
package dev.saiki.http.origin;
