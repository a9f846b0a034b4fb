/// Spring AI's chat and embedding models, based on an engine, without a server or HTTP.
///
/// {@link dev.saiki.spring.SaikiAutoConfiguration} creates the models from the properties below `spring.ai.saiki`,
/// which {@link dev.saiki.spring.SaikiProperties} lists. {@link dev.saiki.spring.SaikiChatOptions} adds the depth
/// settings of a request to Spring AI's own options.
@org.jspecify.annotations.NullMarked
package dev.saiki.spring;
