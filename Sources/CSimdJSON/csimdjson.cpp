#define SIMDJSON_EXCEPTIONS 0
#include "csimdjson.h"

#include <simdjson.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "locate.h"

using namespace simdjson;

static_assert(CSIMDJSON_PADDING >= SIMDJSON_PADDING, "simdjson wants more room behind the input");
static_assert(CSIMDJSON_TOO_DEEP == DEPTH_ERROR, "simdjson renumbered its errors");

struct csimdjson {
    dom::parser parser;
    size_t depth;
    uint8_t *input = nullptr;
    size_t count = 0;
    size_t room = 0;
    // Where in the input each tape word's value begins; made when the first source text is asked for.
    uint32_t *offsets = nullptr;
    size_t offsets_room = 0;
    bool offsets_made = false;

    ~csimdjson() {
        std::free(input);
        std::free(offsets);
    }
};

static bool take(csimdjson *self, const void *bytes, size_t count) {
    if (count > self->room || self->input == nullptr) {
        size_t room = count < 4096 ? 4096 : count + count / 2;
        auto grown = static_cast<uint8_t *>(std::realloc(self->input, room + CSIMDJSON_PADDING));
        if (grown == nullptr) { return false; }
        self->input = grown;
        self->room = room;
    }
    if (count > 0) { std::memcpy(self->input, bytes, count); }
    std::memset(self->input + count, ' ', CSIMDJSON_PADDING);
    self->count = count;
    return true;
}

// How many words of the tape a token has, by its first byte: a number two, ':' and ',' none.
struct WordsOf {
    uint8_t count[256];
    constexpr WordsOf() : count() {
        for (int byte = 0; byte < 256; byte++) { count[byte] = byte == '-' || (byte >= '0' && byte <= '9') ? 2 : 1; }
        count[int(':')] = count[int(',')] = 0;
    }
};
static constexpr WordsOf words_of;

// Tape and structural indexes name the same tokens in the same order, except that the tape has no ':' and ','.
static bool make_offsets(csimdjson *self) {
    const uint64_t *tape = self->parser.doc.tape.get();
    // The first word points behind the last one, which closes the document and has no place in the input.
    size_t words = size_t(tape[0] & 0x00FFFFFFFFFFFFFF) - 1;
    if (words > self->offsets_room || self->offsets == nullptr) {
        auto grown = static_cast<uint32_t *>(std::realloc(self->offsets, words * 2 * sizeof(uint32_t)));
        if (grown == nullptr) { return false; }
        self->offsets = grown;
        self->offsets_room = words * 2;
    }
    const uint32_t *structural = self->parser.implementation->structural_indexes.get();
    size_t word = 1;
    while (word < words) {
        uint32_t offset = *structural++;
        // Overwritten by the next token when this one has no word of its own: cheaper than a branch nobody can foresee.
        self->offsets[word] = offset;
        word += words_of.count[self->input[offset]];
    }
    self->offsets_made = true;
    return true;
}

// One past the last byte of the scalar that starts here.
static size_t scalar_end(const uint8_t *input, size_t start, size_t count) {
    size_t at = start;
    if (input[at] != '"') {
        while (at < count && std::strchr(" \t\r\n,:]}", input[at]) == nullptr) { at++; }
        return at;
    }
    for (at++; at < count && input[at] != '"'; at++) {
        if (input[at] == '\\') { at++; }
    }
    return at + 1;
}

extern "C" {

csimdjson *csimdjson_new(size_t max_depth) {
    auto self = new (std::nothrow) csimdjson;
    if (self != nullptr) { self->depth = max_depth; }
    return self;
}

void csimdjson_free(csimdjson *self) { delete self; }

int csimdjson_parse(csimdjson *self, const void *bytes, size_t count) {
    self->offsets_made = false;
    if (!take(self, bytes, count)) { return MEMALLOC; }
    if (self->parser.capacity() < count || self->parser.implementation == nullptr) {
        // Grown in steps of its own, with our depth: simdjson's automatic growth is to the byte.
        if (auto failed = self->parser.allocate(self->room, self->depth)) { return failed; }
    }
    dom::element root;
    return self->parser.parse(self->input, count, false).get(root);
}

const char *csimdjson_reason(int code) { return error_message(error_code(code)); }

size_t csimdjson_locate(csimdjson *self, int code) {
    return csimdjson_locate_error(self->input, self->count, self->room + CSIMDJSON_PADDING, self->depth, code);
}

const uint64_t *csimdjson_tape(const csimdjson *self) { return self->parser.doc.tape.get(); }

const uint8_t *csimdjson_strings(const csimdjson *self) { return self->parser.doc.string_buf.get(); }

const uint8_t *csimdjson_source(csimdjson *self, size_t index, size_t *count) {
    if (!self->offsets_made && !make_offsets(self)) { std::abort(); }
    uint64_t word = self->parser.doc.tape[index];
    char kind = char(word >> 56);
    size_t start = self->offsets[index];
    // A container's word points behind its closing word.
    size_t end = kind == '{' || kind == '[' ? size_t(self->offsets[uint32_t(word) - 1]) + 1
                                            : scalar_end(self->input, start, self->count);
    *count = end - start;
    return self->input + start;
}

size_t csimdjson_minify(const uint8_t *bytes, size_t count, uint8_t *into) {
    size_t written = 0;
    auto failed = minify(reinterpret_cast<const char *>(bytes), count, reinterpret_cast<char *>(into), written);
    // Only an unclosed string fails, and the text came out of a document that parsed.
    if (failed) { std::abort(); }
    return written;
}

bool csimdjson_is_utf8(const void *bytes, size_t count) {
    return count == 0 || validate_utf8(static_cast<const char *>(bytes), count);
}
}
