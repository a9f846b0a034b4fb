/// The web pages, and the description of the API.
///
/// The pages under `/ui` are static files that fetch their data as any client does, under a policy that forbids
/// content from other sites and markup created from strings.
package dev.saiki.server.pages;
