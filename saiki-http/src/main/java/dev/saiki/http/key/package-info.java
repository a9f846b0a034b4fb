/// API keys, their roles, and the file that holds their hashes.
package dev.saiki.http.key;
