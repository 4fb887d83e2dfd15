import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct `A request over HTTP` {
    private func send(
        _ request: HTTPRequest, limits: HTTPLimits = HTTPLimits(), trust: HTTPTrust = HTTPTrust()
    ) throws(HTTPError) -> HTTPResponse {
        var client = HTTPClient(limits: limits, trust: trust)
        return try client.send(request)
    }

    @Test(arguments: [
        ("ok", 200), ("conflict", 409), ("invalid", 422), ("broken", 500), ("nowhere", 404), ("moved", 301),
    ])
    func `comes back with the status it got, whatever it is`(mode: String, status: Int) throws {
        let server = try RegistryServer()
        #expect(try send(HTTPRequest(.get, server.address(mode))).status == status)
    }

    @Test func `carries its body and headers, and no others that ask for more`() throws {
        let server = try RegistryServer()
        var client = HTTPClient()
        let body = Array(#"{"a":"\#(String(repeating: "é", count: 5000))"}"#.utf8)
        for path in ["/ok/first", "/ok/second"] {
            let request = HTTPRequest(
                .post, server.address("") + path.dropFirst(), headers: [("Content-Type", "application/json")],
                body: body)
            #expect(try client.send(request).status == 200)
        }
        #expect(try client.send(HTTPRequest(.post, server.address("ok/empty"))).status == 200)
        let seen = try client.send(HTTPRequest(.get, server.address("seen")))
        let requests = try #require(JSONSerialization.jsonObject(with: Data(seen.body)) as? [[String: Any]])
        #expect(requests.count == 3)
        #expect(requests[1]["path"] as? String == "/ok/second" && requests[1]["method"] as? String == "POST")
        #expect(requests[0]["type"] as? String == "application/json" && requests[0]["expect"] is NSNull)
        #expect(requests[0]["body"] as? String == String(decoding: body, as: UTF8.self))
        #expect(requests[2]["body"] as? String == "")
    }

    @Test func `is given up after its time, and says so`() throws {
        let server = try RegistryServer()
        let limits = HTTPLimits(totalTimeout: .milliseconds(200))
        let start = ContinuousClock.now
        #expect(throws: HTTPError.timedOut(after: .milliseconds(200))) {
            try send(HTTPRequest(.get, server.address("hang")), limits: limits)
        }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func `is given up when the answer is too large`() throws {
        let server = try RegistryServer()
        #expect(throws: HTTPError.tooLarge(allowed: 1 << 20)) { try send(HTTPRequest(.get, server.address("large"))) }
        let limits = HTTPLimits(maximumResponseBytes: 3 << 20)
        #expect(try send(HTTPRequest(.get, server.address("large")), limits: limits).body.count > 2 << 20)
    }

    @Test func `says when nobody is there`() throws {
        let port = try RegistryServer().port
        #expect {
            try send(HTTPRequest(.get, "http://127.0.0.1:\(port)/ok"))
        } throws: { error in
            guard case .unreachable = error as? HTTPError else { return false }
            return true
        }
    }

    @Test(arguments: [
        "http://192.0.2.1/", "http://127.example.org/", "http://127.0.0.1.example.org/", "ftp://127.0.0.1/",
        "file:///etc/passwd", "http://user:secret@127.0.0.1/", "not an address", "",
    ])
    func `goes nowhere it should not`(address: String) {
        #expect {
            try send(HTTPRequest(.get, address), limits: HTTPLimits(totalTimeout: .seconds(1)))
        } throws: { error in
            guard case .address(let what) = error as? HTTPError else { return false }
            return !what.contains("secret")
        }
    }

    @Test func `smuggles no second header`() throws {
        let server = try RegistryServer()
        #expect(throws: HTTPError.self) {
            try send(HTTPRequest(.get, server.address("ok"), headers: [("A", "b\r\nC: d")]))
        }
    }

    @Test func `over TLS believes only who proves to be the one that was asked`() throws {
        let folder = TemporaryFolder()
        let (certificate, key) = (folder.path + "/certificate.pem", folder.path + "/key.pem")
        let made = try Judge.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
            ])
        try #require(made.status == 0, "\(made.errors)")
        let server = try RegistryServer(certificate: certificate, key: key)
        let request = HTTPRequest(.get, server.address("ok", scheme: "https"))
        let trusting = HTTPTrust(authorities: certificate)
        #expect(try send(request, trust: trusting).status == 200)
        // The same server under a name that is not in its certificate, and without trust in its maker.
        let other = HTTPRequest(.get, "https://localhost:\(server.port)/ok")
        for (request, trust) in [(other, trusting), (request, HTTPTrust())] {
            #expect {
                try send(request, trust: trust)
            } throws: { error in
                guard case .untrusted = error as? HTTPError else { return false }
                return true
            }
        }
    }
}
