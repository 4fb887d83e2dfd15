#pragma once
#include <cstddef>
#include <cstdint>

// Where simdjson stopped: its DOM does not say, so a refused document is read once more.
size_t csimdjson_locate_error(const uint8_t *input, size_t count, size_t room, size_t max_depth, int code);
