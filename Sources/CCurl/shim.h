#pragma once
#include <curl/curl.h>

// Swift cannot call a variadic function, hence these: one for each type of argument.
static inline CURLcode torghut_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode torghut_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

// libcurl copies texts, except CURLOPT_POSTFIELDS.
static inline CURLcode torghut_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

// The body is copied; its size must be set before.
static inline CURLcode torghut_curl_copy_body(CURL *handle, const void *bytes) {
    return curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}

static inline CURLcode torghut_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list) {
    return curl_easy_setopt(handle, option, list);
}

static inline CURLcode torghut_curl_set_error_buffer(CURL *handle, char *buffer) {
    return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

typedef size_t (*torghut_curl_writer)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode torghut_curl_set_writer(CURL *handle, torghut_curl_writer writer, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
    return code ? code : curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, writer);
}

static inline CURLcode torghut_curl_status(CURL *handle, long *status) {
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status);
}

static inline CURLcode torghut_curl_set_header_taker(CURL *handle, torghut_curl_writer taker, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
    return code ? code : curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, taker);
}

static inline CURLcode torghut_curl_set_reader(CURL *handle, torghut_curl_writer reader, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_READDATA, context);
    return code ? code : curl_easy_setopt(handle, CURLOPT_READFUNCTION, reader);
}

// Called when the connection stands and before the first byte; anything but zero ends the transfer.
typedef int (*torghut_curl_ready)(void *context, char *remote, char *local, int remote_port, int local_port);

static inline CURLcode torghut_curl_set_ready(CURL *handle, torghut_curl_ready ready, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_PREREQDATA, context);
    return code ? code : curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, ready);
}

static inline CURLcode torghut_curl_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode torghut_curl_size(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

// Whether the one transfer of `multi` is over, and how.
static inline int torghut_curl_finished(CURLM *multi, CURLcode *code) {
    int left = 0;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    if (!message || message->msg != CURLMSG_DONE) return 0;
    *code = message->data.result;
    return 1;
}
