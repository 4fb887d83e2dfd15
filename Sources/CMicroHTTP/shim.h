#pragma once
#include <microhttpd.h>
#include <netinet/in.h>

typedef void *(*torghut_mhd_target)(void *context, const char *target, struct MHD_Connection *connection);

struct torghut_mhd_settings {
    const struct sockaddr *address;
    MHD_AccessHandlerCallback handler;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connected;
    torghut_mhd_target target;
    void *context;
    unsigned connections, idle_seconds, threads;
    size_t memory;
    // PEM text; both or neither.
    const char *certificate, *key;
};

// Swift cannot call a variadic function, hence these.
static inline struct MHD_Daemon *torghut_mhd_start(const struct torghut_mhd_settings *wanted) {
    struct MHD_OptionItem items[16];
    int count = 0;
#define ITEM(name, number, pointer) \
    items[count++] = (struct MHD_OptionItem){(name), (intptr_t)(number), (void *)(pointer)}
    ITEM(MHD_OPTION_SOCK_ADDR, 0, wanted->address);
    ITEM(MHD_OPTION_CONNECTION_LIMIT, wanted->connections, 0);
    ITEM(MHD_OPTION_CONNECTION_TIMEOUT, wanted->idle_seconds, 0);
    ITEM(MHD_OPTION_CONNECTION_MEMORY_LIMIT, wanted->memory, 0);
    ITEM(MHD_OPTION_NOTIFY_COMPLETED, wanted->completed, wanted->context);
    ITEM(MHD_OPTION_NOTIFY_CONNECTION, wanted->connected, wanted->context);
    ITEM(MHD_OPTION_URI_LOG_CALLBACK, wanted->target, wanted->context);
    ITEM(MHD_OPTION_STRICT_FOR_CLIENT, 1, 0);
    // A pool of one is none.
    if (wanted->threads > 1) ITEM(MHD_OPTION_THREAD_POOL_SIZE, wanted->threads, 0);
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    if (wanted->key) {
        flags |= MHD_USE_TLS;
        ITEM(MHD_OPTION_HTTPS_MEM_CERT, 0, wanted->certificate);
        ITEM(MHD_OPTION_HTTPS_MEM_KEY, 0, wanted->key);
        ITEM(MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1");
    }
    ITEM(MHD_OPTION_END, 0, 0);
#undef ITEM
    return MHD_start_daemon(
        flags, 0, NULL, NULL, wanted->handler, wanted->context, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

static inline int torghut_mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
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
static const uint64_t torghut_mhd_size_unknown = MHD_SIZE_UNKNOWN;
static const ssize_t torghut_mhd_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t torghut_mhd_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;

// The bytes are copied.
static inline struct MHD_Response *torghut_mhd_bytes(const void *bytes, size_t count) {
    return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}
static const enum MHD_ConnectionNotificationCode torghut_mhd_connection_started = MHD_CONNECTION_NOTIFY_STARTED;
static const enum MHD_RequestTerminationCode torghut_mhd_request_completed = MHD_REQUEST_TERMINATED_COMPLETED_OK;
