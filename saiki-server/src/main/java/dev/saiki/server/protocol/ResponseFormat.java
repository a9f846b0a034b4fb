package dev.saiki.server.protocol;

import dev.saiki.engine.constraint.JsonForm;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.io.InputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The reader of the form that an answer must have: from `response_format` as in OpenAI's API and Hugging
/// Face's TGI, from the corresponding fields of responses and messages, or from vLLM's `structured_outputs`.
final class ResponseFormat {

    private static final String RESPONSE_FORMAT = "response_format";
    private static final String STRUCTURED_OUTPUTS = "structured_outputs";
    private static final String OUTPUT_CONFIG = "output_config";
    private static final String TEXT = "text";
    private static final int MAX_CHOICES = 1000;

    private ResponseFormat() {}

    /// Reads the form.
    ///
    /// @param body the request
    /// @return the form, if the request asks for one
    public static Optional<TextConstraint> read(RequestBody body) {
        List<TextConstraint> forms = new ArrayList<>();
        responseFormat(body.object(RESPONSE_FORMAT)).ifPresent(forms::add);
        if (body.has("input")) {
            responseFormat(body.object(TEXT).object("format")).ifPresent(forms::add);
        }
        responseFormat(body.object(OUTPUT_CONFIG).object("format")).ifPresent(forms::add);
        forms.addAll(structuredOutputs(body.object(STRUCTURED_OUTPUTS)));
        if (forms.size() > 1) {
            throw ApiException.invalid(
                    "give only one answer format: response_format, text.format, output_config.format or one field of"
                            + " structured_outputs",
                    STRUCTURED_OUTPUTS);
        }
        return forms.stream().findFirst();
    }

    private static Optional<TextConstraint> responseFormat(RequestBody format) {
        Optional<String> type = format.text("type");
        if (type.isEmpty() || type.get().equals("text")) {
            return Optional.empty();
        }
        return switch (type.get()) {
            case "json_object" ->
                Optional.of(format.value("schema")
                        .map(schema -> made(RESPONSE_FORMAT, () -> TextConstraint.jsonSchema(schema)))
                        .orElseGet(TextConstraint::jsonObject));
            case "json_schema" -> Optional.of(schema(format));
            case "json" -> Optional.of(made(RESPONSE_FORMAT, () -> TextConstraint.jsonSchema(value(format))));
            case "regex" ->
                Optional.of(made(
                        RESPONSE_FORMAT,
                        () -> TextConstraint.regex(format.text("value").orElseThrow(ResponseFormat::noValue))));
            default ->
                throw ApiException.unsupported(
                        "response_format must be of type text, json_object or json_schema, or json or regex with a value, got "
                                + RequestBody.shortened(type.get()),
                        RESPONSE_FORMAT);
        };
    }

    /// Returns the value of TGI's formats, which is in the field `value`.
    private static JsonNode value(RequestBody format) {
        return format.value("value").orElseThrow(ResponseFormat::noValue);
    }

    private static ApiException noValue() {
        return ApiException.invalid("response_format of this type needs a value", RESPONSE_FORMAT);
    }

    /// In chat requests, the schema is in a separate object; in responses and messages, it is beside the type. If
    /// `strict` is set, every keyword must be enforced.
    private static TextConstraint schema(RequestBody format) {
        RequestBody described = format.has("json_schema") ? format.object("json_schema") : format;
        JsonNode schema = described
                .value("schema")
                .orElseThrow(() -> ApiException.invalid("response_format needs json_schema.schema", RESPONSE_FORMAT));
        JsonForm form = new JsonForm(schema, described.flag("strict", false));
        return made(RESPONSE_FORMAT, () -> TextConstraint.jsonSchema(form));
    }

    private static List<TextConstraint> structuredOutputs(RequestBody outputs) {
        List<TextConstraint> forms = new ArrayList<>();
        for (String name : outputs.names()) {
            switch (name) {
                case "json" ->
                    outputs.value(name)
                            .ifPresent(schema -> forms.add(
                                    made(STRUCTURED_OUTPUTS, () -> TextConstraint.jsonSchema(parsed(schema)))));
                case "json_object" -> {
                    if (outputs.flag(name, false)) {
                        forms.add(TextConstraint.jsonObject());
                    }
                }
                case "regex" ->
                    outputs.text(name)
                            .ifPresent(regex -> forms.add(made(STRUCTURED_OUTPUTS, () -> TextConstraint.regex(regex))));
                case "choice" -> {
                    if (outputs.has(name)) {
                        List<String> choices = outputs.texts(name, MAX_CHOICES);
                        forms.add(made(STRUCTURED_OUTPUTS, () -> TextConstraint.choice(choices)));
                    }
                }
                default -> {
                    if (outputs.has(name)) {
                        throw ApiException.unsupported(
                                "structured_outputs must be json, json_object, regex or choice, got "
                                        + RequestBody.shortened(name),
                                STRUCTURED_OUTPUTS);
                    }
                }
            }
        }
        return forms;
    }

    /// A schema may come as an object or as its text.
    private static JsonNode parsed(JsonNode schema) {
        if (!schema.isString()) {
            return schema;
        }
        try {
            return Json.read(schema.stringValue().getBytes(StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            throw new InputException("the schema is not valid JSON", e);
        }
    }

    private static TextConstraint made(String param, Supplier<TextConstraint> form) {
        try {
            return form.get();
        } catch (InputException mistake) {
            throw ApiException.invalid(String.valueOf(mistake.getMessage()), param);
        }
    }
}
