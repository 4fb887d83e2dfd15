#include "crelease.h"

#ifndef TORGHUT_COMMIT
#define TORGHUT_COMMIT ""
#endif

const char *crelease_commit(void) { return TORGHUT_COMMIT; }
