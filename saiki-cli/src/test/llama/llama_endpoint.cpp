// A thin endpoint of OpenAI's completions on llama.cpp's libraries, for Saiki's tests of a gateway: the likeliest token each
// time, one request after another. Its HTTP and its JSON are those of llama.cpp's own server.
//
//   llama-endpoint MODEL     says "listening at PORT"; GET /answers says how many it has given
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "cpp-httplib/httplib.h"
#include "ggml-backend.h"
#include "llama.h"
#include "nlohmann/json.hpp"

using nlohmann::json;

static void fail(const std::string & why) {
    fprintf(stderr, "llama-endpoint: %s\n", why.c_str());
    exit(1);
}

static std::mutex one;
static std::atomic<long> answers;

// Writes until the end of the text, or as many tokens as are wanted.
static void write_on(llama_model * model, const std::string & prompt, int most, std::function<bool(std::string)> piece) {
    std::lock_guard<std::mutex> lock(one);
    const llama_vocab * vocab = llama_model_get_vocab(model);
    std::vector<llama_token> ids(prompt.size() + 16);
    ids.resize(llama_tokenize(vocab, prompt.data(), prompt.size(), ids.data(), ids.size(), true, false));
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = ids.size() + most;
    params.n_threads = params.n_threads_batch = 1;
    llama_context * context = llama_init_from_model(model, params);
    if (!context) fail("cannot make a context");
    llama_batch batch = llama_batch_get_one(ids.data(), ids.size());
    int size = llama_vocab_n_tokens(vocab);
    llama_token next;
    for (int written = 0; written < most; written++) {
        if (llama_decode(context, batch) != 0) fail("cannot decode");
        const float * row = llama_get_logits_ith(context, -1);
        next = std::max_element(row, row + size) - row;
        char text[256];
        int length = llama_token_to_piece(vocab, next, text, sizeof text, 0, false);
        if (llama_vocab_is_eog(vocab, next) || !piece(std::string(text, length))) break;
        batch = llama_batch_get_one(&next, 1);
    }
    llama_free(context);
    answers++;
}

static json answer(long id, const std::string & text, json finish) {
    return {{"id", "cmpl-llama-" + std::to_string(id)}, {"object", "text_completion"}, {"model", "llama.cpp"},
        {"choices", {{{"index", 0}, {"text", text}, {"finish_reason", finish}}}}};
}

static std::string dump(const json & value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

int main(int count, char ** words) {
    llama_log_set([](ggml_log_level level, const char * text, void *) {
        if (level >= GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
    }, nullptr);
    if (count != 2) fail("which model?");
    ggml_backend_load_all_from_path(getenv("LLAMA_LIBRARIES"));
    llama_backend_init();
    llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0;
    llama_model * model = llama_model_load_from_file(words[1], params);
    if (!model) fail("cannot load the model");
    static std::atomic<long> ids;
    httplib::Server server;
    server.Get("/answers", [](const httplib::Request &, httplib::Response & response) {
        response.set_content(std::to_string(answers.load()), "text/plain");
    });
    server.Post("/v1/completions", [model](const httplib::Request & request, httplib::Response & response) {
        json body = json::parse(request.body, nullptr, false);
        if (!body.is_object() || !body.contains("prompt")) {
            response.status = 400;
            response.set_content(R"({"error":{"message":"no prompt","type":"invalid_request_error"}})", "application/json");
            return;
        }
        long id = ++ids;
        std::string prompt = body["prompt"];
        int most = body.value("max_tokens", 16);
        if (!body.value("stream", false)) {
            std::string all;
            write_on(model, prompt, most, [&](std::string piece) { all += piece; return true; });
            response.set_content(dump(answer(id, all, "stop")), "application/json");
            return;
        }
        response.set_chunked_content_provider("text/event-stream", [=](size_t, httplib::DataSink & sink) {
            auto send = [&](const std::string & data) {
                std::string event = "data: " + data + "\n\n";
                return sink.write(event.data(), event.size());
            };
            write_on(model, prompt, most, [&](std::string piece) { return send(dump(answer(id, piece, nullptr))); });
            send(dump(answer(id, "", "stop")));
            send("[DONE]");
            sink.done();
            return true;
        });
    });
    int port = server.bind_to_any_port("127.0.0.1");
    printf("listening at %d\n", port);
    fflush(stdout);
    server.listen_after_bind();
    return 0;
}
