#pragma once

// The commit that this build was made of, or "" where nobody said so (TORGHUT_COMMIT, when the package is built).
const char *_Nonnull crelease_commit(void);
