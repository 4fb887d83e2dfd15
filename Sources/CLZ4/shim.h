#pragma once
#include <lz4.h>
#include <lz4frame.h>

// Asks for a cache line that will be read soon; any address will do, also one outside the block.
static inline void torghut_prefetch(const void *address) { __builtin_prefetch(address); }
