/// The common parts of all servers' web pages: style sheet, scripts, languages and security headers.
package dev.saiki.http.page;
