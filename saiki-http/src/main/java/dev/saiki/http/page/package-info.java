/// What the web pages of all servers share: style sheet, scripts, languages and security headers.
package dev.saiki.http.page;
