import Bus
import Core
import Foundation
import Testing

/// A reader in another language, written from `docs/archive-format.md` alone.
private let foreignReader = #"""
    import hashlib, json, lz4.frame, os, struct, sys

    folder = sys.argv[1]
    text = open(os.path.join(folder, "manifest.json"), "rb").read()
    body, seal = text.split(b',"manifest_sha256":"')
    assert hashlib.sha256(body).hexdigest().encode() == seal[:64]
    manifest = json.loads(text)
    assert manifest["format"] == "torghut-archive" and manifest["version"] == 1

    def field(data, at):
        (length,) = struct.unpack_from("<i", data, at)
        at += 4
        if length < 0:
            return None, at
        return data[at:at + length], at + length

    def shown(data):
        return "null" if data is None else "[" + data.hex() + "]"

    for file in manifest["files"]:
        packed = open(os.path.join(folder, file["path"]), "rb").read()
        assert len(packed) == file["bytes"] and hashlib.sha256(packed).hexdigest() == file["sha256"]
        data = lz4.frame.decompress(packed)
        assert data[:8] == b"TGARCH01"
        at, count, times, offset = 8, 0, [], None
        while at < len(data):
            length, offset, timestamp = struct.unpack_from("<Iqq", data, at)
            end = at + 4 + length
            key, at = field(data, at + 20)
            value, at = field(data, at)
            words = [file["topic"], str(file["partition"]), str(offset), str(timestamp), shown(key), shown(value)]
            while at < end:
                (name_length,) = struct.unpack_from("<H", data, at)
                name = data[at + 2:at + 2 + name_length]
                header, at = field(data, at + 2 + name_length)
                words += [shown(name), shown(header)]
            print(" ".join(words))
            count, times = count + 1, times + [timestamp]
        assert count == file["records"] and offset == file["last_offset"]
        assert min(times) == file["first_time"] and max(times) == file["last_time"]
    """#

@Suite struct `The format of an archive` {
    @Test func `a reader written in Python from the page alone finds every record`() async throws {
        let ground = try ArchiveGround()
        let log = try await ArchiveGround.log(records: 150, seed: 41)
        try await ground.export(log)
        let script = ground.folder + "/reader.py"
        try Data(foreignReader.utf8).write(to: URL(fileURLWithPath: script))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [script, ground.archive]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let printed = try #require(try output.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let contents = try await ArchiveGround.contents(of: log)
        let expected = ArchiveGround.sources.flatMap { contents[$0] ?? [] }.map(line(of:))
        #expect(String(decoding: printed, as: UTF8.self).split(separator: "\n").map(String.init) == expected)
    }

    private func line(of record: Record) -> String {
        let source = record.position.source
        var words = [source.topic, "\(source.partition)", "\(record.position.offset)", "\(record.timestamp)"]
        words += [shown(record.key), shown(record.value)]
        for header in record.headers { words += [shown(Array(header.name.utf8)), shown(header.value)] }
        return words.joined(separator: " ")
    }

    private func shown(_ bytes: [UInt8]?) -> String {
        guard let bytes else { return "null" }
        return "[" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "]"
    }
}
