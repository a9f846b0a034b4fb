/// The inspector: a text token by token, as the model saw it.
///
/// The engine sends a text through the model one token at a time and notes what the router said and the
/// state after each step. What it predicts from these is, to the last bit, what a token that is made to
/// leave there is followed by.
package dev.saiki.server.inspect;
