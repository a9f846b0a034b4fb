/// Spring AI's chat and embedding models on the engine: no server, no HTTP.
///
/// {@link dev.saiki.spring.SaikiAutoConfiguration} makes them of the properties below `spring.ai.saiki`, which
/// {@link dev.saiki.spring.SaikiProperties} lists. {@link dev.saiki.spring.SaikiChatOptions} has the depth of a
/// request beside Spring AI's own options.
@org.jspecify.annotations.NullMarked
package dev.saiki.spring;
