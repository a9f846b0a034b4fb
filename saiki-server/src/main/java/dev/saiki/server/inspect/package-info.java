/// The inspector: a text token by token, as the model processes it.
///
/// The engine runs the text one token at a time and keeps the router's scores and the state after each step. The
/// prediction from such a state is bit-identical to the prediction of a token that is forced to exit there.
package dev.saiki.server.inspect;
