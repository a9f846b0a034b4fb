/// Pages for people, and the description of the API.
///
/// The pages under `/ui` are files of the module, which hold no data and ask for it as any client does,
/// under a policy that allows nothing from elsewhere and no markup made of strings.
package dev.saiki.server.pages;
