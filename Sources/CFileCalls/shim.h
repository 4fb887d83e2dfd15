#pragma once
#include <sys/uio.h>

// Declared here because the system's headers show it only to those who define _GNU_SOURCE first.
extern ssize_t preadv2(int, const struct iovec *, int, off_t, int);

// Reads what lies in the page cache; -1 with EAGAIN when the disk would have to be waited for (RWF_NOWAIT is 8).
static inline ssize_t torghut_read_cached(int file, void *target, size_t count, off_t offset) {
    struct iovec place = {target, count};
    return preadv2(file, &place, 1, offset, 8);
}
