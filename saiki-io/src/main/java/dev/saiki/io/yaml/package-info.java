/// YAML files of keys and values, read with all problems reported at once.
package dev.saiki.io.yaml;
