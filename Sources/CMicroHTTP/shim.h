#pragma once
#include <microhttpd.h>
#include <netinet/in.h>

typedef void *(*torghut_mhd_target)(void *context, const char *target, struct MHD_Connection *connection);

// Swift cannot call a variadic function, hence these.
static inline struct MHD_Daemon *torghut_mhd_start(
    unsigned flags, const struct sockaddr *address, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, torghut_mhd_target target, void *context, unsigned connections,
    unsigned idle_seconds, size_t memory) {
    return MHD_start_daemon(
        flags, 0, NULL, NULL, handler, context, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT,
        connections, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context, MHD_OPTION_URI_LOG_CALLBACK, target, context,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

static inline int torghut_mhd_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

// libmicrohttpd's words and macros, under names that Swift sees as they stand.
static const enum MHD_Result torghut_mhd_yes = MHD_YES;
static const enum MHD_Result torghut_mhd_no = MHD_NO;
static const enum MHD_ValueKind torghut_mhd_headers = MHD_HEADER_KIND;
static const enum MHD_ValueKind torghut_mhd_query = MHD_GET_ARGUMENT_KIND;
static const unsigned torghut_mhd_flags =
    MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME;
static const uint64_t torghut_mhd_size_unknown = MHD_SIZE_UNKNOWN;
static const ssize_t torghut_mhd_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t torghut_mhd_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;

// The bytes are copied.
static inline struct MHD_Response *torghut_mhd_bytes(const void *bytes, size_t count) {
    return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}
