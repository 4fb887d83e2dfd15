#!/usr/bin/python3
"""Prints everything a journal holds. Written from docs/journal-format.md alone; shares no code with the program.

    read_journal.py FOLDER                          topics, lanes, positions and every record
    read_journal.py FOLDER TOPIC PARTITION OFFSET   the records of one partition from an offset on, found by search
"""
import os
import struct
import sys

import lz4.block
import xxhash


def fail(file, byte, what):
    sys.exit(f"{file}: byte {byte}: {what}")


def hash64(data):
    return xxhash.xxh3_64_intdigest(data)


def contents(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def aligned(count):
    return (count + 15) // 16 * 16


class Reader:
    """Takes fields from bytes, and never more than there are."""

    def __init__(self, data, file):
        self.data, self.at, self.file = data, 0, file

    def take(self, format):
        size = struct.calcsize("<" + format)
        values = struct.unpack("<" + format, self.bytes(size))
        return values[0] if len(values) == 1 else values

    def bytes(self, count):
        if count < 0 or self.at + count > len(self.data):
            fail(self.file, self.at, "cut short")
        self.at += count
        return self.data[self.at - count:self.at]

    def text(self):
        return self.bytes(self.take("H")).decode("utf-8")

    def nullable(self, length):
        return None if length == -1 else self.bytes(length)

    def end(self):
        return self.at == len(self.data)


def identity(folder):
    data = contents(folder, "identity")
    if len(data) != 48 or data[:8] != b"TJRNLID1" or struct.unpack("<Q", data[40:])[0] != hash64(data[:40]):
        fail("identity", 0, "not an identity")
    version, zero, log, rest = struct.unpack("<II16sQ", data[8:40])
    if version != 1 or zero != 0 or rest != 0:
        fail("identity", 8, "unknown format")
    return log


def durable_mark(folder):
    data = contents(folder, "durable")
    if len(data) != 40 or data[:8] != b"TGJLMRK1" or struct.unpack("<Q", data[32:])[0] != hash64(data[:32]):
        fail("durable", 0, "not a mark")
    return struct.unpack("<QQQ", data[8:32])


def read_definition(reader):
    topic, partitions, age, size = reader.take("Iiqq")
    return {"id": topic, "partitions": partitions, "age": age, "size": size, "name": reader.text(),
            "identity": reader.text(), "cleanup": reader.text()}


def read_position(reader):
    consumer, lane, following = reader.text(), reader.take("Ii"), reader.take("q")
    anchor = reader.take("qqQ") if reader.take("B") == 1 else None
    return (consumer, lane), (following, anchor)


class State:
    """Topics, lanes and positions: a fold of the batches' directories."""

    def __init__(self):
        self.sequence, self.topics, self.lanes, self.positions = 1, {}, {}, {}

    def define(self, definition):
        topic = definition["id"]
        self.topics[topic] = definition
        for partition in range(definition["partitions"]):
            self.lanes.setdefault((topic, partition), [0, 0, 0, 0])

    def delete(self, topic):
        del self.topics[topic]
        self.lanes = {key: lane for key, lane in self.lanes.items() if key[0] != topic}
        self.positions = {key: value for key, value in self.positions.items() if key[1][0] != topic}

    def fold(self, batch, wrong):
        if batch.sequence != self.sequence and not (batch.thinned and batch.sequence > self.sequence):
            wrong(f"batch {batch.sequence} where {self.sequence} is due")
        given = {}
        for kind, body in batch.changes:
            if kind == 1:
                self.define(body)
            elif kind == 2:
                self.delete(body)
            elif kind == 3:
                self.lanes[body[0]] = list(body[1])
            elif kind == 4:
                self.positions[body[0]] = body[1]
            elif kind == 5:
                given.update({lane: (start, end) for lane, start, end in body})
        for lane, (start, _) in given.items():
            if self.lanes[lane][1] != start and not batch.thinned:
                wrong("a partition was not where its given offsets begin")
        for slice in batch.slices:
            lane = self.lanes[slice.lane]
            gap = slice.base > lane[1] and (batch.thinned or slice.lane in given)
            if slice.base != lane[1] and not gap:
                wrong(f"offset {slice.base} where {lane[1]} is due")
            lane[1] = slice.base + slice.count
            lane[2] += slice.count
            lane[3] += slice.length
        for lane, (_, end) in given.items():
            if self.lanes[lane][1] > end:
                wrong("records beyond a given end")
            self.lanes[lane][1] = end
        self.sequence = batch.sequence + 1

    def key(self, name, partition):
        for topic, definition in self.topics.items():
            if definition["name"] == name and (topic, partition) in self.lanes:
                return (topic, partition)
        return None


def start_state(folder, segment, log):
    name = f"{segment:020}.start"
    data = contents(folder, name)
    if len(data) < 24 or data[:8] != b"TGSTART1" or struct.unpack("<QQ", data[8:24]) != (
            len(data) - 24, hash64(data[24:])):
        fail(name, 0, "not the start of a segment")
    reader = Reader(data[24:], name)
    if reader.bytes(16) != log:
        fail(name, 24, "another journal's")
    state = State()
    state.sequence, unused, topics = reader.take("QII")
    if state.sequence != segment:
        fail(name, 40, "another segment's")
    for _ in range(topics):
        definition = read_definition(reader)
        state.define(definition)
        for partition in range(definition["partitions"]):
            state.lanes[definition["id"], partition] = list(reader.take("qqqq"))
    for _ in range(reader.take("I")):
        key, value = read_position(reader)
        state.positions[key] = value
    if not reader.end() or any(topic >= unused for topic in state.topics):
        fail(name, 24, "makes no sense")
    return state


class Slice:
    def __init__(self, reader):
        topic, partition, self.base, self.count, self.start, self.length, zero, self.newest = reader.take("IiqIIIIq")
        self.lane = (topic, partition)
        if zero != 0:
            fail(reader.file, reader.at, "a slice with something where nothing is")


class Batch:
    def __init__(self, data, at, end, file):
        self.file, self.byte = file, at
        header = data[at:at + 112]
        if len(header) < 112 or header[:8] != b"TGJRNLB1" or struct.unpack("<Q", header[104:])[0] != hash64(header[:104]):
            fail(file, at, "not a batch header")
        (self.sequence, size, directory, stored, self.payload_bytes, self.records, slices, changes, self.flags,
         self.written, _, _, _, directory_hash, payload_hash, zero) = struct.unpack("<QIIIIIIIIqQQQQQQ", header[8:104])
        self.thinned = self.flags & 2 != 0
        if at + size > end or size != 112 + directory + aligned(stored) + 16 or directory % 16 or zero:
            fail(file, at, "lengths that do not fit")
        self.end = at + size
        place = at + 112 + directory
        self.stored, self.padded = data[place:place + stored], data[place:place + aligned(stored)]
        if hash64(data[at + 112:place]) != directory_hash or hash64(self.padded) != payload_hash:
            fail(file, at, "a wrong checksum")
        if any(self.padded[stored:]):
            fail(file, at, "padding that is not zero")
        if struct.unpack("<4sIQ", data[self.end - 16:self.end]) != (b"BEND", size, self.sequence):
            fail(file, at, "a wrong trailer")
        reader = Reader(data[at + 112:place], file)
        self.slices = [Slice(reader) for _ in range(slices)]
        self.changes = [self.change(reader) for _ in range(changes)]
        if any(reader.data[reader.at:]) or sum(slice.count for slice in self.slices) != self.records:
            fail(file, at, "a directory that makes no sense")

    @staticmethod
    def change(reader):
        kind, length = reader.take("BI")
        body = Reader(reader.bytes(length), reader.file)
        if kind == 1:
            value = read_definition(body)
        elif kind == 2:
            value = body.take("I")
        elif kind == 3:
            value = (body.take("Ii"), body.take("qqqq"))
        elif kind == 4:
            value = read_position(body)
        elif kind == 5:
            value = []
            while not body.end():
                value.append((body.take("Ii"), body.take("q"), body.take("q")))
        else:
            fail(reader.file, reader.at, f"unknown change {kind}")
        if not body.end():
            fail(reader.file, reader.at, "a change with too long a body")
        return kind, value

    def all_records(self):
        payload = self.stored
        if self.flags & 1:
            payload = lz4.block.decompress(self.stored, uncompressed_size=self.payload_bytes)
        if len(payload) != self.payload_bytes:
            fail(self.file, self.byte, "a payload of another length")
        for slice in self.slices:
            reader = Reader(payload[slice.start:slice.start + slice.length], self.file)
            newest = None
            for index in range(slice.count):
                timestamp, key, value, headers = reader.take("qiiI")
                key, value = reader.nullable(key), reader.nullable(value)
                rest = Reader(reader.bytes(headers), self.file)
                pairs = []
                while not rest.end():
                    pairs.append((rest.text(), rest.nullable(rest.take("i"))))
                newest = timestamp if newest is None else max(newest, timestamp)
                yield slice.lane, slice.base + index, timestamp, key, value, pairs
            if not reader.end() or newest != slice.newest:
                fail(self.file, self.byte, "records that do not fit their slice")


def batches(folder, segment, mark):
    """The batches of a segment: up to the mark in the marked one, to the end in those before it."""
    name = f"{segment:020}.seg"
    data = contents(folder, name)
    end = mark[1] if segment == mark[0] else len(data)
    if end > len(data):
        fail(name, len(data), "durable records are missing")
    at = 0
    while at < end:
        batch = Batch(data, at, end, name)
        yield batch
        at = batch.end


def text(data):
    return "-" if data is None else "x" + data.hex()


def record_line(state, lane, offset, timestamp, key, value, headers):
    pairs = ",".join(f"{text(name.encode())}={text(data)}" for name, data in headers)
    name = state.topics[lane[0]]["name"]
    return "\t".join(["record", name, str(lane[1]), str(offset), str(timestamp), text(key), text(value), pairs])


def all_segments(folder, mark):
    names = sorted(name for name in os.listdir(folder) if name.endswith(".seg"))
    return [int(name[:20]) for name in names if int(name[:20]) <= mark[0]]


def everything(folder, log, mark):
    segments = all_segments(folder, mark)
    state = start_state(folder, segments[0], log)
    records = {}
    thinned = False
    for segment in segments:
        if state.sequence != segment:
            fail(f"{segment:020}.seg", 0, f"batch {state.sequence} is due")
        start = start_state(folder, segment, log)
        if not thinned and (start.topics, start.lanes, start.positions) != (state.topics, state.lanes, state.positions):
            fail(f"{segment:020}.start", 24, "is not what the segments before it come to")
        state, thinned = start, False
        for batch in batches(folder, segment, mark):
            state.fold(batch, lambda what: fail(batch.file, batch.byte, what))
            thinned = thinned or batch.thinned
            for lane, offset, *rest in batch.all_records():
                records.setdefault(lane, []).append((offset, *rest))
    if state.sequence != mark[2]:
        fail("durable", 24, f"batch {state.sequence} is due")
    print("identity", log.hex(), sep="\t")
    for topic, definition in sorted(state.topics.items(), key=lambda item: item[1]["name"]):
        print("topic", definition["name"], definition["identity"], definition["partitions"], definition["age"],
              definition["size"], definition["cleanup"], sep="\t")
        for partition in range(definition["partitions"]):
            print("lane", definition["name"], partition, *state.lanes[topic, partition], sep="\t")
    for (consumer, lane), (following, anchor) in sorted(state.positions.items()):
        print("position", consumer, state.topics[lane[0]]["name"], lane[1], following,
              "-" if anchor is None else ",".join(map(str, anchor)), sep="\t")
    for lane in sorted(state.lanes, key=lambda lane: (state.topics[lane[0]]["name"], lane[1])):
        for offset, *rest in records.get(lane, []):
            if offset >= state.lanes[lane][0]:
                print(record_line(state, lane, offset, *rest))


def tail(folder, log, mark, name, partition, offset):
    segments = all_segments(folder, mark)
    last = start_state(folder, segments[-1], log)
    for batch in batches(folder, segments[-1], mark):
        last.fold(batch, lambda what: fail(batch.file, batch.byte, what))
    wanted = last.key(name, partition)
    if wanted is None:
        sys.exit(f"no partition {name}/{partition}")
    begin, end = last.lanes[wanted][:2]
    if not begin <= offset <= end:
        sys.exit(f"{offset} is outside {begin}..<{end}")
    low, high = 0, len(segments) - 1
    while low < high:
        middle = (low + high + 1) // 2
        lane = start_state(folder, segments[middle], log).lanes.get(wanted, [0, 0])
        low, high = (middle, high) if lane[1] <= offset else (low, middle - 1)
    print("segment", segments[low], sep="\t")
    for segment in segments[low:]:
        for batch in batches(folder, segment, mark):
            if all(slice.lane != wanted for slice in batch.slices):
                continue
            for lane, at, *rest in batch.all_records():
                if lane == wanted and at >= offset:
                    print(record_line(last, lane, at, *rest))


def main():
    folder = sys.argv[1]
    log, mark = identity(folder), durable_mark(folder)
    if len(sys.argv) == 5:
        tail(folder, log, mark, sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        everything(folder, log, mark)


main()
