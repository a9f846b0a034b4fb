/// The inspector: a text token by token, as the model saw it.
package dev.saiki.server.inspect;
