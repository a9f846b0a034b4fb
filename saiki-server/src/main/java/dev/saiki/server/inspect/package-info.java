/// The inspector: a text token by token, as the model processes it.
///
/// The engine runs the text one token at a time and keeps the router's scores and the state after each step. The
/// prediction from such a state equals, to the last bit, that of a token forced to exit there.
package dev.saiki.server.inspect;
