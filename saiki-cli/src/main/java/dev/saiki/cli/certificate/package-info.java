/// Commands that certify models: the lowest safe effort, and the fidelity of one pass to the base.
package dev.saiki.cli.certificate;
