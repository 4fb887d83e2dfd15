import Foundation
import TestSupport
import Testing

@testable import HTTPServer

/// Judged by OpenSSL.
@Suite struct `The end of a certificate` {
    private func certificate(_ folder: TemporaryFolder, _ arguments: String...) throws -> String {
        let file = folder.path + "/made.crt"
        let verdict = try Judge.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                "/C=US/O=A House/CN=one", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                folder.path + "/made.key", "-out", file,
            ] + arguments)
        try #require(verdict.status == 0, "\(verdict.errors)")
        return file
    }

    /// `notAfter=Nov 21 16:30:00 2026 GMT` as seconds since 1970.
    private func openssl(_ file: String) throws -> Int64 {
        let verdict = try Judge.run("openssl", ["x509", "-in", file, "-noout", "-enddate"])
        let date = try Judge.run(
            "date",
            ["-u", "-d", String(verdict.output.dropFirst("notAfter=".count)).trimmingCharacters(in: .newlines), "+%s"])
        return try #require(Int64(date.output.trimmingCharacters(in: .newlines)))
    }

    @Test(arguments: ["1", "30", "365", "1200", "9000", "11000", "40000"])
    func `is what openssl says, before and after 2050`(days: String) throws {
        let folder = TemporaryFolder()
        let file = try certificate(folder, "-days", days)
        #expect(CertificateEnd.seconds(ofFile: file) == (try openssl(file)))
    }

    @Test func `is none of what is no certificate, however it is cut or spoiled`() throws {
        let folder = TemporaryFolder()
        let text = try String(contentsOfFile: try certificate(folder, "-days", "3"), encoding: .utf8)
        let end = try #require(CertificateEnd.seconds(ofPEM: text))
        for count in 0..<text.count {
            // The last line may miss its end and still close the certificate.
            let cut = CertificateEnd.seconds(ofPEM: String(text.prefix(count)))
            #expect(cut == nil || cut == end)
        }
        var bytes = Array(text.utf8)
        for place in bytes.indices {
            let before = bytes[place]
            for byte in [UInt8(ascii: "A"), UInt8(ascii: "/"), UInt8(ascii: "="), 0x80] {
                bytes[place] = byte
                _ = CertificateEnd.seconds(ofPEM: String(decoding: bytes, as: UTF8.self))
            }
            bytes[place] = before
        }
        #expect(CertificateEnd.seconds(ofPEM: "") == nil)
    }
}
