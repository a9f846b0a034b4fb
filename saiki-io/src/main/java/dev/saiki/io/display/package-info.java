/// What reports and the pages of the server look like in common.
package dev.saiki.io.display;
