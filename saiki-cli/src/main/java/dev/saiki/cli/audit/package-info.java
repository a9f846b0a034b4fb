/// Commands that audit: requests that a server recorded, routers, and the consistency of depth across phrasings.
package dev.saiki.cli.audit;
