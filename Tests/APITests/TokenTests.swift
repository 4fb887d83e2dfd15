import API
import Core
import Foundation
import TestSupport
import Testing

@Suite struct `Tokens` {
    private static let now = Timestamp(nanoseconds: 1_770_000_000_000_000_000)

    private func file(_ text: String, mode: Int = 0o600) throws -> (TokenFile, TemporaryFolder, String) {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/tokens"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return (TokenFile(path: path), folder, path)
    }

    @Test func `say who asks and what he may, until they expire`() throws {
        let (tokens, folder, _) = try file(
            """
            # name roles token expires
            reader read 0123456789abcdef
            anna operate,trade fedcba9876543210 2027-01-01T00:00:00Z
            late read expired-token-00 2026-01-01T00:00:00Z
            hashed read sha256:6ec96453dde9374621963b6d3f19665739b358d42232636428f504f60c585eaf

            """)
        _ = folder
        #expect(tokens.fault == nil)
        #expect(tokens.caller(showing: "0123456789abcdef", at: Self.now)?.roles == [.read])
        let anna = try #require(tokens.caller(showing: "fedcba9876543210", at: Self.now))
        #expect(anna.name == "anna" && anna.may(.operate) && anna.may(.trade) && anna.may(.read))
        #expect(tokens.caller(showing: "expired-token-00", at: Self.now) == nil)
        #expect(tokens.caller(showing: "hashed-token-0123", at: Self.now)?.name == "hashed")
        for wrong in ["", "0123456789abcdeg", "0123456789abcde", "0123456789abcdef0"] {
            #expect(tokens.caller(showing: wrong, at: Self.now) == nil, "\(wrong)")
        }
    }

    @Test(arguments: [
        ("a read short", "fewer than 16 bytes"), ("a write 0123456789abcdef", "the role 'write'"),
        ("a read", "is not NAME ROLES TOKEN"), ("a read 0123456789abcdef soon", "which is no time"),
        ("a read sha256:00", "64 hexadecimal"), ("a\u{e9} read 0123456789abcdef", "has a name"),
        ("a read 0123456789abcdef\na read 1123456789abcdef", "a name twice"),
    ])
    func `allow nobody anything when one line is wrong`(line: String, fault: String) throws {
        let (tokens, folder, _) = try file("good read 00000000000000000\n" + line)
        _ = folder
        #expect(tokens.fault?.contains(fault) == true, "\(tokens.fault ?? "no fault")")
        #expect(tokens.caller(showing: "00000000000000000", at: Self.now) == nil)
    }

    @Test func `are for their owner's eyes, and count from the moment their file changes`() throws {
        let (open, folder, path) = try file("reader read 0123456789abcdef\n", mode: 0o640)
        _ = folder
        #expect(open.fault?.contains("chmod 600") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(open.caller(showing: "0123456789abcdef", at: Self.now) != nil)
        try "other read fedcba9876543210\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(open.caller(showing: "0123456789abcdef", at: Self.now) == nil)
        #expect(open.caller(showing: "fedcba9876543210", at: Self.now)?.name == "other")
    }
}
