import Foundation
import Glibc
import Postgres
import TestSupport
import Testing

@Suite struct `Connecting` {
    @Test func `with a wrong password, or to a database that is not there, says so and is no retry`() throws {
        let server = try PrivatePostgres.shared()
        let address = server.tcpAddress(database: "torghut")
        let password = address.split(separator: ":")[2].split(separator: "@")[0]
        let wrong = fault { _ = try Session(PostgresSettings(address.replacing(password, with: "wrong-one"))) }
        #expect(wrong?.sqlState == "28P01")
        #expect(wrong?.disposition == .halt)
        #expect(wrong?.description.contains("check user and password in TORGHUT_DB_DSN") == true)
        #expect(wrong?.description.contains("wrong-one") == false)
        let missing = fault { _ = try Session(PostgresSettings(server.tcpAddress(database: "nowhere"))) }
        #expect(missing?.sqlState == "3D000")
        #expect(missing?.description.contains("create the database") == true)
        let session = try Session(PostgresSettings(address))
        #expect(session.serverVersion >= 150_000)
        #expect(session.reported("client_encoding") == "UTF8")
    }

    @Test func `to a port where nobody listens says where, and may be repeated`() throws {
        // Port 1 needs root to listen, and nothing does.
        let error = fault { _ = try Session(PostgresSettings("postgresql://u@127.0.0.1:1/x")) }
        #expect(error?.reason == .unreachable)
        #expect(error?.disposition == .retry)
        #expect(error?.description.contains("127.0.0.1") == true)
        #expect(error?.description.contains("check host and port") == true)
    }

    @Test func `to a server that is silent ends at connectTimeout`() throws {
        // A socket that accepts into its backlog and never answers.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe bind(listener, pointer, length)
                _ = unsafe getsockname(listener, pointer, &length)
            }
        }
        #expect(listen(listener, 1) == 0)
        var settings = PostgresSettings("postgresql://u@127.0.0.1:\(UInt16(bigEndian: address.sin_port))/x")
        settings.connectTimeout = .milliseconds(100)
        let error = fault { _ = try Session(settings) }
        #expect(error?.reason == .unreachable)
        #expect(error?.message.contains("within 100 ms (connectTimeout)") == true)
    }

    @Test func `to a server that is stopping or starting says so, and may be repeated`() throws {
        let server = try Spare.server()
        var holder: Session? = try Session(server.settings(database: "torghut"))
        let file = try String(contentsOfFile: "\(server.folder)/data/postmaster.pid", encoding: .utf8)
        let postmaster = try #require(file.split(separator: "\n").first.flatMap { pid_t($0) })
        // A smart shutdown waits for the sessions that are open and refuses new ones.
        #expect(kill(postmaster, SIGTERM) == 0)
        var error: PostgresError?
        // The postmaster takes a moment to act on the signal.
        while error == nil { error = fault { _ = try Session(server.settings(database: "torghut")) } }
        #expect(error?.sqlState == "57P03")
        #expect(error?.disposition == .retry)
        #expect(error?.description.contains("starting or stopping") == true)
        _ = holder.take()
        try server.restart()
        #expect(try Session(server.settings(database: "torghut")).isOpen == true)
    }
}

@Suite struct `The server's certificate` {
    private let folder = TemporaryFolder()
    private let server: PrivatePostgres

    init() throws {
        server = try Spare.server()
        func openssl(_ arguments: String...) throws {
            let verdict = try Judge.run("openssl", arguments)
            guard verdict.status == 0 else { throw PrivatePostgres.Failure(description: verdict.errors) }
        }
        let path = folder.path
        for name in ["authority", "stranger"] {
            try openssl(
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout",
                "\(path)/\(name).key", "-out", "\(path)/\(name).crt")
        }
        try openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=db.example.com", "-keyout", "\(path)/server.key",
            "-out", "\(path)/server.csr")
        try Data("subjectAltName=DNS:localhost\n".utf8).write(to: URL(filePath: "\(path)/names"))
        try openssl(
            "x509", "-req", "-in", "\(path)/server.csr", "-CA", "\(path)/authority.crt", "-CAkey",
            "\(path)/authority.key", "-CAcreateserial", "-days", "2", "-extfile", "\(path)/names", "-out",
            "\(path)/server.crt")
    }

    private func address(host: String, authorities: String?) -> String {
        let root = authorities.map { "&sslrootcert=\(folder.path)/\($0).crt" } ?? "&sslrootcert=/nowhere/root.crt"
        return server.tcpAddress(database: "torghut").replacing("127.0.0.1", with: host) + "?sslmode=verify-full" + root
    }

    @Test func `is checked to its authority and for its name, and each fault is named as what it is`() throws {
        try server.install(certificate: "\(folder.path)/server.crt", key: "\(folder.path)/server.key")
        try server.restart()
        #expect(try Session(PostgresSettings(address(host: "localhost", authorities: "authority"))).isEncrypted == true)

        let stranger = fault { _ = try Session(PostgresSettings(address(host: "localhost", authorities: "stranger"))) }
        #expect(stranger?.reason == .untrustedChain)
        #expect(stranger?.message.contains("chain of trust") == true)
        #expect(stranger?.description.contains("set sslrootcert") == true)
        #expect(stranger?.disposition == .halt)

        let other = fault { _ = try Session(PostgresSettings(address(host: "127.0.0.1", authorities: "authority"))) }
        #expect(other?.reason == .otherHost)
        #expect(other?.description.contains("by the name that the certificate carries") == true)

        let none = fault { _ = try Session(PostgresSettings(address(host: "localhost", authorities: nil))) }
        #expect(none?.reason == .noAuthorities)
        #expect(none?.description.contains("/etc/ssl/certs/ca-certificates.crt") == true)

        // The server signs for itself: nobody we trust stands behind it.
        try server.install(certificate: "\(folder.path)/stranger.crt", key: "\(folder.path)/stranger.key")
        try server.restart()
        let itself = fault { _ = try Session(PostgresSettings(address(host: "localhost", authorities: "authority"))) }
        #expect(itself?.reason == .untrustedChain)
    }

    @Test func `that is missing is named where TLS was asked for`() throws {
        let plain = try PrivatePostgres.shared().tcpAddress(database: "torghut") + "?sslmode=verify-full&sslrootcert="
        let error = fault { _ = try Session(PostgresSettings(plain + folder.path + "/authority.crt")) }
        #expect(error?.reason == .noTLS)
        #expect(error?.disposition == .halt)
    }
}
