/// LangChain4j's chat and embedding models, based on an engine in the same JVM.
@org.jspecify.annotations.NullMarked
module dev.saiki.langchain4j {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.chat;
    requires transitive dev.saiki.engine;
    requires transitive langchain4j.core;
    requires tools.jackson.databind;

    exports dev.saiki.langchain4j;
}
