/// The web pages, and the description of the API.
///
/// The pages under `/ui` are static files that request their data as any client does, under a policy that allows no
/// content from other sites and no markup made of strings.
package dev.saiki.server.pages;
