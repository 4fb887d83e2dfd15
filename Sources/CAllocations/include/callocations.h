#pragma once
#include <stdint.h>

// Counts what a benchmark allocates: this program's malloc family counts and calls glibc's own.

// Allocations of the calling thread since it began.
uint64_t callocations_count(void);
