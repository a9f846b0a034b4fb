/// Commands that audit: requests recorded by a server, routers, and the consistency of depth across phrasings.
package dev.saiki.cli.audit;
