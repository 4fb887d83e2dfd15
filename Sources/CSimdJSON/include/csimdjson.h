#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// simdjson's DOM behind a C face. Swift walks the tape itself (format: simdjson's doc/tape.md), so a field costs
// no call; only what is rare comes back here.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csimdjson csimdjson;

// NULL when memory ran out.
csimdjson *_Nullable csimdjson_new(size_t max_depth);
void csimdjson_free(csimdjson *_Nonnull parser);

// Copies the bytes into a padded buffer that is kept for the next call, and parses them. 0, or simdjson's error code.
enum { CSIMDJSON_TOO_DEEP = 4 };
int csimdjson_parse(csimdjson *_Nonnull parser, const void *_Nullable bytes, size_t count);
const char *_Nonnull csimdjson_reason(int code);
// After a refusal: the first byte of the token at which reading stopped, or count when the input just ends.
size_t csimdjson_locate(csimdjson *_Nonnull parser, int code);

// Of the last document that parsed; valid until the next parse.
const uint64_t *_Nonnull csimdjson_tape(const csimdjson *_Nonnull parser);
const uint8_t *_Nonnull csimdjson_strings(const csimdjson *_Nonnull parser);
// The input's own text of the value at this tape index, from its first byte to its last.
const uint8_t *_Nonnull csimdjson_source(csimdjson *_Nonnull parser, size_t index, size_t *_Nonnull count);

// Removes white space outside strings. The destination has room for count bytes and CSIMDJSON_PADDING more.
size_t csimdjson_minify(const uint8_t *_Nonnull bytes, size_t count, uint8_t *_Nonnull into);
bool csimdjson_is_utf8(const void *_Nullable bytes, size_t count);

enum { CSIMDJSON_PADDING = 64 };

#ifdef __cplusplus
}
#endif
