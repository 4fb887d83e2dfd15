#pragma once
#include <zlib.h>

// Room that always suffices for a gzip of so many bytes.
static inline size_t torghut_gzip_bound(size_t count) { return compressBound(count) + 32; }

// A whole gzip file in one call (`deflateInit2` is a macro that Swift does not see); 0 when it does not fit.
static inline size_t torghut_gzip(
    const unsigned char *input, size_t count, unsigned char *output, size_t room, int level) {
    z_stream stream = {0};
    if (count > 0xffffffffu || room > 0xffffffffu) return 0;
    if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (unsigned char *)input;
    stream.avail_in = (unsigned)count;
    stream.next_out = output;
    stream.avail_out = (unsigned)room;
    int ended = deflate(&stream, Z_FINISH);
    size_t written = stream.total_out;
    deflateEnd(&stream);
    return ended == Z_STREAM_END ? written : 0;
}
