/// Which web pages may call a server from a browser.
package dev.saiki.http.origin;
