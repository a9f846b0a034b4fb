/// Pages for people, and the description of the API.
package dev.saiki.server.pages;
