// What llama.cpp computes, for Saiki's tests to be held against. Each command reads and writes little-endian files.
//
//   llama-oracle logits MODEL IDS OUT           int32 token ids -> float32 logits of every position
//   llama-oracle window MODEL IDS OUT SIZE      the same, where no layer sees more than SIZE positions
//   llama-oracle tokens MODEL TEXTS OUT         texts, each ended by a zero byte -> for each: int32 count, int32 ids
//   llama-oracle quantize MODEL OUT TYPE        a file of TYPE: f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, q4_k, ...
//   llama-oracle widen MODEL TENSOR OUT         float32 numbers of one tensor
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "ggml-backend.h"
#include "ggml.h"
#include "gguf.h"
#include "llama.h"

static void fail(const std::string & why) {
    fprintf(stderr, "llama-oracle: %s\n", why.c_str());
    exit(1);
}

static std::vector<char> read_file(const char * path) {
    FILE * file = fopen(path, "rb");
    if (!file) fail(std::string("cannot read ") + path);
    fseek(file, 0, SEEK_END);
    std::vector<char> bytes(ftell(file));
    rewind(file);
    if (fread(bytes.data(), 1, bytes.size(), file) != bytes.size()) fail("cut off");
    fclose(file);
    return bytes;
}

static void write_file(const char * path, const void * bytes, size_t size) {
    FILE * file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size) fail(std::string("cannot write ") + path);
    fclose(file);
}

static llama_model * load(const char * path) {
    llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0;
    llama_model * model = llama_model_load_from_file(path, params);
    if (!model) fail("cannot load the model");
    return model;
}

// With a window, tokens come one by one, and positions that have left it are removed from the cache before each.
static void logits(const char * path, const char * ids_path, const char * out, int window) {
    llama_model * model = load(path);
    std::vector<char> bytes = read_file(ids_path);
    std::vector<llama_token> ids(bytes.size() / sizeof(llama_token));
    memcpy(ids.data(), bytes.data(), bytes.size());
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = ids.size();
    params.n_outputs_max = ids.size();
    params.n_outputs_max_per_seq = ids.size();
    params.n_threads = params.n_threads_batch = 1;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    llama_context * context = llama_init_from_model(model, params);
    if (!context) fail("cannot make a context");
    int size = llama_vocab_n_tokens(llama_model_get_vocab(model));
    std::vector<float> all;
    size_t step = window > 0 ? 1 : ids.size();
    llama_batch batch = llama_batch_init(step, 0, 1);
    for (size_t from = 0; from < ids.size(); from += step) {
        if (window > 0 && from >= (size_t) window) {
            if (!llama_memory_seq_rm(llama_get_memory(context), 0, 0, from - window + 1)) fail("cannot forget");
        }
        for (size_t i = 0; i < step; i++) {
            batch.token[i] = ids[from + i];
            batch.pos[i] = from + i;
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = 0;
            batch.logits[i] = true;
        }
        batch.n_tokens = step;
        if (llama_decode(context, batch) != 0) fail("cannot decode");
        for (size_t i = 0; i < step; i++) {
            const float * row = llama_get_logits_ith(context, i);
            if (!row) fail("no logits");
            all.insert(all.end(), row, row + size);
        }
    }
    write_file(out, all.data(), all.size() * sizeof(float));
}

static void tokens(const char * path, const char * texts_path, const char * out) {
    llama_model * model = load(path);
    std::vector<char> bytes = read_file(texts_path);
    std::vector<int32_t> all;
    for (size_t at = 0; at < bytes.size();) {
        size_t length = strlen(bytes.data() + at);
        std::vector<llama_token> ids(length + 16);
        int count = llama_tokenize(
            llama_model_get_vocab(model), bytes.data() + at, length, ids.data(), ids.size(), false, false);
        if (count < 0) fail("cannot tokenize");
        all.push_back(count);
        all.insert(all.end(), ids.begin(), ids.begin() + count);
        at += length + 1;
    }
    write_file(out, all.data(), all.size() * sizeof(int32_t));
}

static void quantize(const char * path, const char * out, const std::string & type) {
    static const std::map<std::string, llama_ftype> types = {
        {"f32", LLAMA_FTYPE_ALL_F32},        {"f16", LLAMA_FTYPE_MOSTLY_F16},     {"bf16", LLAMA_FTYPE_MOSTLY_BF16},
        {"q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},   {"q4_0", LLAMA_FTYPE_MOSTLY_Q4_0},   {"q4_1", LLAMA_FTYPE_MOSTLY_Q4_1},
        {"q5_0", LLAMA_FTYPE_MOSTLY_Q5_0},   {"q5_1", LLAMA_FTYPE_MOSTLY_Q5_1},   {"q4_k", LLAMA_FTYPE_MOSTLY_Q4_K_S},
        {"q5_k", LLAMA_FTYPE_MOSTLY_Q5_K_S}, {"q6_k", LLAMA_FTYPE_MOSTLY_Q6_K}};
    llama_model_quantize_params params = llama_model_quantize_default_params();
    params.nthread = 1;
    params.ftype = types.at(type);
    params.pure = true;
    params.allow_requantize = true;
    if (llama_model_quantize(path, out, &params) != 0) fail("cannot quantize");
}

static void widen(const char * path, const char * name, const char * out) {
    ggml_context * data = nullptr;
    gguf_init_params params = {/*.no_alloc =*/false, /*.ctx =*/&data};
    gguf_context * file = gguf_init_from_file(path, params);
    if (!file) fail("cannot read the file");
    ggml_tensor * tensor = ggml_get_tensor(data, name);
    if (!tensor) fail(std::string("no tensor ") + name);
    std::vector<float> numbers(ggml_nelements(tensor));
    if (tensor->type == GGML_TYPE_F32) {
        memcpy(numbers.data(), tensor->data, numbers.size() * sizeof(float));
    } else {
        ggml_get_type_traits(tensor->type)->to_float(tensor->data, numbers.data(), numbers.size());
    }
    write_file(out, numbers.data(), numbers.size() * sizeof(float));
}

int main(int count, char ** words) {
    llama_log_set([](ggml_log_level level, const char * text, void *) {
        if (level >= GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
    }, nullptr);
    ggml_backend_load_all_from_path(getenv("LLAMA_LIBRARIES"));
    llama_backend_init();
    std::string what = count > 1 ? words[1] : "";
    if (what == "logits" && count == 5) {
        logits(words[2], words[3], words[4], 0);
    } else if (what == "window" && count == 6) {
        logits(words[2], words[3], words[4], atoi(words[5]));
    } else if (what == "tokens" && count == 5) {
        tokens(words[2], words[3], words[4]);
    } else if (what == "quantize" && count == 5) {
        quantize(words[2], words[3], words[4]);
    } else if (what == "widen" && count == 5) {
        widen(words[2], words[3], words[4]);
    } else {
        fail("unknown words");
    }
    return 0;
}
