/// The inspector: a text token by token, as the model processes it.
///
/// The engine runs the text one token at a time and keeps the router's scores and the state after each step. The
/// prediction from the state after a step is bit-identical to the prediction of a token that is forced to exit at
/// that step.
package dev.saiki.server.inspect;
