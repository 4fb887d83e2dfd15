#pragma once
#include <stdint.h>
#include <string.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

// One record into the producer's queue, copied. Swift cannot call a variadic function, hence this.
// Headers belong to librdkafka afterwards, unless the call fails: then they still belong to the caller.
static inline rd_kafka_resp_err_t torghut_produce(
    rd_kafka_t *rk, rd_kafka_topic_t *topic, int32_t partition, const void *key, size_t key_length,
    const void *value, size_t value_length, int64_t timestamp, rd_kafka_headers_t *headers, uintptr_t tag) {
    rd_kafka_vu_t units[8];
    size_t count = 0;
    units[count].vtype = RD_KAFKA_VTYPE_RKT;
    units[count++].u.rkt = topic;
    units[count].vtype = RD_KAFKA_VTYPE_PARTITION;
    units[count++].u.i32 = partition;
    units[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    units[count++].u.i = RD_KAFKA_MSG_F_COPY;
    units[count].vtype = RD_KAFKA_VTYPE_KEY;
    units[count].u.mem.ptr = (void *)key;
    units[count++].u.mem.size = key_length;
    units[count].vtype = RD_KAFKA_VTYPE_VALUE;
    units[count].u.mem.ptr = (void *)value;
    units[count++].u.mem.size = value_length;
    units[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    units[count++].u.i64 = timestamp;
    units[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
    units[count++].u.ptr = (void *)tag;
    if (headers) {
        units[count].vtype = RD_KAFKA_VTYPE_HEADERS;
        units[count++].u.headers = headers;
    }
    rd_kafka_error_t *error = rd_kafka_produceva(rk, units, count);
    if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
}

// The mock answers the next request of this type without an error, but late.
static inline rd_kafka_resp_err_t torghut_mock_delay(
    rd_kafka_mock_cluster_t *cluster, int32_t broker, int16_t request, int milliseconds) {
    return rd_kafka_mock_broker_push_request_error_rtts(
        cluster, broker, request, 1, RD_KAFKA_RESP_ERR_NO_ERROR, milliseconds);
}
