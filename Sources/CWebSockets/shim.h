#pragma once
#include <libwebsockets.h>

// Macros whose arithmetic Swift does not follow.
static const size_t torghut_lws_padding = LWS_PRE;
static const int torghut_lws_no_listening = CONTEXT_PORT_NO_LISTEN;
static const uint64_t torghut_lws_tls = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
static const int torghut_lws_use_tls = LCCSCF_USE_SSL;

// Reasons as numbers: a callback hears of many more than it minds.
enum {
    torghut_lws_connection_error = LWS_CALLBACK_CLIENT_CONNECTION_ERROR,
    torghut_lws_client_established = LWS_CALLBACK_CLIENT_ESTABLISHED,
    torghut_lws_client_received = LWS_CALLBACK_CLIENT_RECEIVE,
    torghut_lws_client_writable = LWS_CALLBACK_CLIENT_WRITEABLE,
    torghut_lws_client_closed = LWS_CALLBACK_CLIENT_CLOSED,
    torghut_lws_filter = LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION,
    torghut_lws_established = LWS_CALLBACK_ESTABLISHED,
    torghut_lws_received = LWS_CALLBACK_RECEIVE,
    torghut_lws_writable = LWS_CALLBACK_SERVER_WRITEABLE,
    torghut_lws_closed = LWS_CALLBACK_CLOSED,
    torghut_lws_peer_close = LWS_CALLBACK_WS_PEER_INITIATED_CLOSE,
    torghut_lws_destroyed = LWS_CALLBACK_WSI_DESTROY,
    torghut_lws_woken = LWS_CALLBACK_EVENT_WAIT_CANCELLED,
};

typedef int (*torghut_lws_callback)(struct lws *wsi, enum lws_callback_reasons reason, void *session, void *in,
                                    size_t length);

typedef struct {
    struct lws_protocols protocols[2];
    lws_retry_bo_t idle;
} torghut_lws_plan;

// The plan must outlive the context: libwebsockets keeps pointers into it.
static inline struct lws_context *torghut_lws_create(
    torghut_lws_plan *plan, torghut_lws_callback callback, void *owner, int port, const char *interface,
    const char *authorities, unsigned handshake_seconds, uint16_t ping_seconds, uint16_t hangup_seconds,
    size_t piece) {
    struct lws_context_creation_info info;
    memset(&info, 0, sizeof info);
    memset(plan, 0, sizeof *plan);
    plan->protocols[0].name = "torghut";
    plan->protocols[0].callback = callback;
    plan->protocols[0].rx_buffer_size = piece;
    plan->idle.secs_since_valid_ping = ping_seconds;
    plan->idle.secs_since_valid_hangup = hangup_seconds;
    info.port = port;
    info.iface = interface;
    info.protocols = plan->protocols;
    info.user = owner;
    info.gid = -1;
    info.uid = -1;
    info.timeout_secs = handshake_seconds;
    info.connect_timeout_secs = handshake_seconds;
    info.retry_and_idle_policy = &plan->idle;
    info.client_ssl_ca_filepath = authorities;
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    if (port != CONTEXT_PORT_NO_LISTEN) info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    lws_set_log_level(0, NULL);
    return lws_create_context(&info);
}

static inline int torghut_lws_port(struct lws_context *context) {
    struct lws_vhost *host = lws_get_vhost_by_name(context, "default");
    return host ? lws_get_vhost_listen_port(host) : 0;
}

static inline struct lws *torghut_lws_connect(
    struct lws_context *context, torghut_lws_plan *plan, const char *address, int port, const char *path,
    const char *host, int tls, void *opaque) {
    struct lws_client_connect_info info;
    memset(&info, 0, sizeof info);
    info.context = context;
    info.address = address;
    info.port = port;
    info.path = path;
    info.host = host;
    info.origin = host;
    info.ssl_connection = tls ? LCCSCF_USE_SSL : 0;
    info.ietf_version_or_minus_one = -1;
    info.local_protocol_name = "torghut";
    info.opaque_user_data = opaque;
    info.retry_and_idle_policy = &plan->idle;
    return lws_client_connect_via_info(&info);
}

// The status that a server answered our handshake with; 0 when it did not answer.
static inline unsigned torghut_lws_answer(struct lws *wsi) { return lws_http_client_http_response(wsi); }

// `buffer` has LWS_PRE bytes of room before `count` bytes of message.
static inline int torghut_lws_send(struct lws *wsi, unsigned char *buffer, size_t count, int binary) {
    return lws_write(wsi, buffer + LWS_PRE, count, binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
}

static inline int torghut_lws_path(struct lws *wsi, char *into, int room) {
    return lws_hdr_copy(wsi, into, room, WSI_TOKEN_GET_URI);
}

static inline void torghut_lws_close(struct lws *wsi, int status, const char *reason, size_t count) {
    lws_close_reason(wsi, (enum lws_close_status)status, (unsigned char *)reason, count);
}
