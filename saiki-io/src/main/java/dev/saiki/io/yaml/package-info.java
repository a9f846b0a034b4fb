/// YAML files of keys and values, read with all mistakes reported at once.
package dev.saiki.io.yaml;
