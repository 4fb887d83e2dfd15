#define SIMDJSON_EXCEPTIONS 0
#include "locate.h"

#include <simdjson.h>

using namespace simdjson;

namespace {

// The first byte that is not part of a valid sequence: prefixes are valid up to there, give or take a sequence.
size_t first_invalid_utf8(const uint8_t *input, size_t count) {
    size_t valid = 0, invalid = count;
    while (invalid - valid > 8) {
        size_t middle = valid + (invalid - valid) / 2;
        // Do not cut a sequence in two: step back over its following bytes, of which there are at most three.
        size_t cut = middle;
        while (cut > valid && middle - cut < 3 && (input[cut] & 0xC0) == 0x80) { cut--; }
        if (cut == valid) { break; }
        if (validate_utf8(reinterpret_cast<const char *>(input) + valid, cut - valid)) {
            valid = cut;
        } else {
            invalid = cut;
        }
    }
    while (valid < count) {
        size_t length = input[valid] < 0x80 ? 1 : input[valid] < 0xE0 ? 2 : input[valid] < 0xF0 ? 3 : 4;
        if (valid + length > count) { return valid; }
        if (!validate_utf8(reinterpret_cast<const char *>(input) + valid, length)) { return valid; }
        valid += length;
    }
    return valid;
}

// The first control character inside a string, or the opening quote of the string that never ends.
size_t first_broken_string(const uint8_t *input, size_t count) {
    bool inside = false;
    size_t opened = 0;
    for (size_t at = 0; at < count; at++) {
        if (inside && input[at] < 0x20) { return at; }
        if (inside && input[at] == '\\') {
            at++;
        } else if (input[at] == '"') {
            inside = !inside;
            opened = at;
        }
    }
    return inside ? opened : count;
}

// Reads everything and remembers the last token it touched.
class Walk {
public:
    Walk(const uint8_t *input, size_t max_depth) : input(input), max_depth(max_depth) {}
    size_t at = 0;

    bool value(ondemand::value value, size_t depth) {
        touch(value.raw_json_token().data());
        ondemand::json_type type;
        if (value.type().get(type)) { return false; }
        switch (type) {
        case ondemand::json_type::object: return depth < max_depth && object(value.get_object(), depth + 1);
        case ondemand::json_type::array: return depth < max_depth && array(value.get_array(), depth + 1);
        case ondemand::json_type::string: return value.get_string().error() == SUCCESS;
        case ondemand::json_type::number: return value.get_number().error() == SUCCESS;
        case ondemand::json_type::boolean: return value.get_bool().error() == SUCCESS;
        case ondemand::json_type::null: return value.is_null().error() == SUCCESS;
        }
        return false;
    }

    bool object(simdjson_result<ondemand::object> result, size_t depth) {
        ondemand::object fields;
        if (std::move(result).get(fields)) { return false; }
        for (auto next : fields) {
            ondemand::field field;
            if (std::move(next).get(field)) { return false; }
            touch(field.key().raw() - 1);
            if (field.unescaped_key().error()) { return false; }
            if (!value(field.value(), depth)) { return false; }
        }
        return true;
    }

    bool array(simdjson_result<ondemand::array> result, size_t depth) {
        ondemand::array elements;
        if (std::move(result).get(elements)) { return false; }
        for (auto next : elements) {
            ondemand::value element;
            if (std::move(next).get(element)) { return false; }
            if (!value(element, depth)) { return false; }
        }
        return true;
    }

private:
    const uint8_t *input;
    size_t max_depth;

    void touch(const char *token) { at = size_t(reinterpret_cast<const uint8_t *>(token) - input); }
};

// The first byte behind the outermost container; count when it is never closed, 0 when nothing follows it.
size_t behind_root(const uint8_t *input, size_t count) {
    bool inside = false;
    size_t depth = 0;
    bool closed = false;
    for (size_t at = 0; at < count; at++) {
        uint8_t byte = input[at];
        if (inside) {
            if (byte == '\\') { at++; }
            inside = byte != '"';
            continue;
        }
        if (closed && byte > ' ') { return at; }
        inside = byte == '"';
        if (byte == '{' || byte == '[') { depth++; }
        if ((byte == '}' || byte == ']') && depth > 0) { closed = --depth == 0; }
    }
    return closed ? 0 : count;
}

size_t first_broken_token(const uint8_t *input, size_t count, size_t room, size_t max_depth) {
    ondemand::parser parser;
    if (parser.allocate(count, max_depth + 1)) { return 0; }
    ondemand::document document;
    if (parser.iterate(padded_string_view(input, count, room)).get(document)) { return 0; }
    Walk walk(input, max_depth);
    ondemand::json_type type;
    if (document.type().get(type)) { return 0; }
    bool read = true;
    if (type == ondemand::json_type::object) {
        read = walk.object(document.get_object(), 1);
    } else if (type == ondemand::json_type::array) {
        read = walk.array(document.get_array(), 1);
    }
    const char *rest = nullptr;
    if (read && !document.current_location().get(rest)) {
        return size_t(reinterpret_cast<const uint8_t *>(rest) - input);
    }
    // A root that does not end in its own closing bracket is refused before it is walked.
    return read || walk.at > 0 ? walk.at : behind_root(input, count);
}

}  // namespace

size_t csimdjson_locate_error(const uint8_t *input, size_t count, size_t room, size_t max_depth, int code) {
    switch (code) {
    case UTF8_ERROR: return first_invalid_utf8(input, count);
    case UNESCAPED_CHARS:
    case UNCLOSED_STRING: return first_broken_string(input, count);
    case EMPTY: return count;
    case CAPACITY:
    case MEMALLOC: return 0;
    default: return first_broken_token(input, count, room, max_depth);
    }
}
