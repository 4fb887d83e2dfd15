import Core
import Foundation
import Testing

@testable import Journal

/// A peer that knows the socket and keeps no rules.
final class ControlPeer {
    let socket: Descriptor
    private var input = FrameBuffer()

    init(_ path: String) throws {
        socket = try ControlSocket.make()
        let folder = try ControlSocket.open(folder: path)
        // A full backlog empties by itself; everything else is an error.
        while let code = ControlSocket.connect(socket, in: folder) {
            try #require(code == EAGAIN, "connect: error \(code)")
            sched_yield()
        }
    }

    init(accepted socket: Descriptor) { self.socket = socket }

    /// As many bytes as are taken, waiting so long for room each time.
    ///
    /// Waits as a task does: a thread that blocks here would be missing where the holder's answers are made.
    @discardableResult
    func send(_ bytes: [UInt8], patience: Duration = .seconds(5)) async throws -> Int {
        var sent = 0
        var deadline = ContinuousClock.now + patience
        while sent < bytes.count {
            switch ControlSocket.send(socket, bytes, from: sent) {
            case .ended: return sent
            case .moved(let count):
                sent += count
                deadline = .now + patience
            case .wouldBlock:
                guard .now < deadline else { return sent }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        return sent
    }

    @discardableResult
    func send(_ request: ControlRequest, _ id: UInt64 = 1) async throws -> Int {
        try await send(Self.frame(request, id))
    }

    static func frame(_ request: ControlRequest, _ id: UInt64) -> [UInt8] {
        let (kind, body) = request.encode()
        return ControlFrame(kind: kind, request: id, body: body).encode()
    }

    /// The next frame, or `nil` when the other side has hung up.
    func frame() async throws -> ControlFrame? {
        let deadline = ContinuousClock.now + .seconds(15)
        var scratch = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let frame = try input.next() { return frame }
            switch ControlSocket.receive(socket, into: &scratch) {
            case .moved(let count): input.add(scratch[..<count])
            case .ended: return nil
            case .wouldBlock:
                try #require(.now < deadline, "nothing came")
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    func reply() async throws -> ControlReply? {
        try await frame().map { try ControlReply.decode($0) }
    }

    /// Takes the greeting away.
    func greeted() async throws -> ControlPeer {
        guard case .greeting = try await reply() else { throw ByteReader.CutShort() }
        return self
    }

    /// The sockets this process has open on the control socket of a folder, on the holder's side: only they have its
    /// address.
    static func sockets(of folder: String) throws -> Int {
        var addresses = Set<String>()
        var bound: [String] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            // Another test may have closed it since.
            guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)") else {
                continue
            }
            if link == folder { addresses.insert("/proc/self/fd/\(name)/\(ControlSocket.name)") }
            if link.hasPrefix("socket:"), let number = Int32(name) { bound.append(address(of: number)) }
        }
        return bound.count { addresses.contains($0) }
    }

    private static func address(of socket: Int32) -> String {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let failed = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe getsockname(socket, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
        }
        guard failed == 0, address.sun_family == sa_family_t(AF_UNIX) else { return "" }
        let path = unsafe withUnsafeBytes(of: &address.sun_path) { unsafe Array($0.prefix { $0 != 0 }) }
        return String(decoding: path, as: UTF8.self)
    }

    /// Waits for the holder to let go of everything but its listening socket.
    static func expectOnlyListener(_ folder: String) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try sockets(of: folder) > 1, .now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        let left = try sockets(of: folder)
        #expect(left == 1)
    }
}
