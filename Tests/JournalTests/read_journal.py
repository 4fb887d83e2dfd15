"""Prints every record of a journal as JSON lines. Written from docs/journal-format.md alone."""
import json
import os
import struct
import sys

import lz4.block
import xxhash


def xxh3(data):
    return xxhash.xxh3_64_intdigest(data)


def text(data, at):
    (length,) = struct.unpack_from("<H", data, at)
    return data[at + 2 : at + 2 + length].decode(), at + 2 + length


def topic(data, at):
    number, partitions, age, size = struct.unpack_from("<Iiqq", data, at)
    name, at = text(data, at + 24)
    identity, at = text(data, at)
    cleanup, at = text(data, at)
    return number, name, partitions, at


def read(path):
    with open(path, "rb") as file:
        return file.read()


def start(path):
    data = read(path)
    magic, length, checksum = struct.unpack_from("<8sQQ", data)
    assert magic == b"TGSTART1" and length == len(data) - 24 and checksum == xxh3(data[24:]), path
    sequence, following, count = struct.unpack_from("<QII", data, 40)
    topics, at = {}, 56
    for _ in range(count):
        number, name, partitions, at = topic(data, at)
        topics[number] = name
        at += 32 * partitions
    return topics


def headers(data):
    found, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        (size,) = struct.unpack_from("<i", data, at)
        at += 4
        found.append([name, None if size < 0 else data[at : at + size].hex()])
        at += max(size, 0)
    return found


def records(payload, name, partition, offset, count, at):
    for index in range(count):
        stamp, key, value, names = struct.unpack_from("<qiiI", payload, at)
        at += 20
        key_bytes = None if key < 0 else payload[at : at + key].hex()
        at += max(key, 0)
        value_bytes = None if value < 0 else payload[at : at + value].hex()
        at += max(value, 0)
        yield [name, partition, offset + index, stamp, key_bytes, value_bytes, headers(payload[at : at + names])]
        at += names


def batches(data, limit, sequence):
    at = 0
    while at < limit:
        head = data[at : at + 112]
        (magic, number, length, directory, stored, plain, _, slices, changes, flags) = struct.unpack_from("<8sQ8I", head)
        assert magic == b"TGJRNLB1" and struct.unpack_from("<Q", head, 104)[0] == xxh3(head[:104]), at
        assert number == sequence or flags & 2, (number, sequence)
        sequence = number + 1
        body = data[at + 112 : at + 112 + directory]
        packed = data[at + 112 + directory : at + length - 16]
        assert struct.unpack_from("<QQ", head, 80) == (xxh3(body), xxh3(packed)), at
        assert struct.unpack_from("<4sIQ", data, at + length - 16) == (b"BEND", length, number), at
        payload = packed[:stored]
        if flags & 1:
            payload = lz4.block.decompress(payload, uncompressed_size=plain)
        yield body, slices, changes, payload
        at += length


def main(folder):
    mark = read(os.path.join(folder, "durable"))
    magic, last, byte, _, checksum = struct.unpack("<8sQQQQ", mark)
    assert magic == b"TGJLMRK1" and checksum == xxh3(mark[:32])
    segments = sorted(name for name in os.listdir(folder) if name.endswith(".seg"))
    for name in segments:
        first = int(name[:20])
        if first > last:
            break
        topics = start(os.path.join(folder, name[:20] + ".start"))
        data = read(os.path.join(folder, name))
        for body, slices, changes, payload in batches(data, byte if first == last else len(data), first):
            at = slices * 40
            for _ in range(changes):
                kind, length = struct.unpack_from("<BI", body, at)
                if kind == 1:
                    number, title, _, _ = topic(body, at + 5)
                    topics[number] = title
                at += 5 + length
            for index in range(slices):
                number, partition, offset, count, begin, _, _, _ = struct.unpack_from("<IiqIIIIq", body, index * 40)
                for record in records(payload, topics[number], partition, offset, count, begin):
                    print(json.dumps(record))


main(sys.argv[1])
