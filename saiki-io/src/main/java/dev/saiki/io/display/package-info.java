/// Elements shared by reports and the pages of the server.
package dev.saiki.io.display;
