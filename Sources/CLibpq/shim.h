#pragma once
#include <libpq-fe.h>
#include <poll.h>

// Macros that Swift does not see: the fields of an error that we read.
enum {
    TORGHUT_PG_SQLSTATE = PG_DIAG_SQLSTATE,
    TORGHUT_PG_MESSAGE = PG_DIAG_MESSAGE_PRIMARY,
    TORGHUT_PG_CONTEXT = PG_DIAG_CONTEXT,
    TORGHUT_PG_SCHEMA = PG_DIAG_SCHEMA_NAME,
    TORGHUT_PG_TABLE = PG_DIAG_TABLE_NAME,
    TORGHUT_PG_COLUMN = PG_DIAG_COLUMN_NAME,
    TORGHUT_PG_TYPE = PG_DIAG_DATATYPE_NAME,
    TORGHUT_PG_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME,
};

// Notices would go to standard error; what the server thinks worth a notice is in its own log.
static inline void torghut_pg_drop_notice(void *nothing, const PGresult *notice) {
    (void)nothing;
    (void)notice;
}
static inline void torghut_pg_drop_notices(PGconn *connection) {
    PQsetNoticeReceiver(connection, torghut_pg_drop_notice, NULL);
}
