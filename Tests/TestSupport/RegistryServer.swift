internal import Foundation

/// A registry of schemas in another process, on a free port of this machine, which ends with its owner.
public final class RegistryServer {
    private let process = Process()
    private let input = Pipe()
    public let port: Int

    /// With a certificate and its key it speaks TLS.
    public init(certificate: String? = nil, key: String? = nil) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "registry.py").path()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [script] + [certificate, key].compactMap(\.self)
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != 10 {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            line += more
        }
        guard let port = Int(String(decoding: line, as: UTF8.self).dropLast()) else {
            throw CocoaError(.fileReadUnknown)
        }
        self.port = port
    }

    deinit {
        do { try input.fileHandleForWriting.close() } catch { process.terminate() }
        process.waitUntilExit()
    }

    /// `ok`, `conflict`, `invalid`, `broken`, `odd`, `large`, `moved`, `hang`: what every request below it gets.
    public func address(_ mode: String, scheme: String = "http") -> String { "\(scheme)://127.0.0.1:\(port)/\(mode)" }
}
