import Core
import OTLP
import Testing

@Suite struct `Settings of traces` {
    private func read(_ settings: [String: String]) throws -> TraceSettings? {
        try TraceSettings.read(service: "torghut", process: "host/1") { settings[$0] }
    }

    @Test func `are off until a collector is named, and when somebody says so`() throws {
        #expect(try read([:]) == nil)
        let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
        #expect(try read([endpoint: "http://c:4318"])?.address == "http://c:4318/v1/traces")
        #expect(try read([endpoint: "http://c:4318/", "OTEL_SDK_DISABLED": "true"]) == nil)
        #expect(try read([endpoint: "http://c:4318/", "OTEL_TRACES_EXPORTER": "none"]) == nil)
        // The address for traces alone is used as it stands.
        let own = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://c/spans", endpoint: "http://other"]
        #expect(try read(own)?.address == "https://c/spans")
    }

    @Test func `take OpenTelemetry's names with its defaults`() throws {
        var given = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"]
        let usual = try #require(try read(given))
        #expect(usual.timeout == .seconds(10) && usual.delay == .seconds(5))
        #expect(usual.maximumWaiting == 2_048 && usual.batch == 512 && usual.share == 1)
        #expect(usual.resource.map(\.name) == ["service.name", "service.instance.id"])
        given["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=Bearer%20x,a=b"
        given["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=paper,service.name=ignored"
        given["OTEL_SERVICE_NAME"] = "orders"
        given["OTEL_TRACES_SAMPLER"] = "traceidratio"
        given["OTEL_TRACES_SAMPLER_ARG"] = "0.25"
        given["OTEL_BSP_MAX_QUEUE_SIZE"] = "10"
        let chosen = try #require(try read(given))
        #expect(chosen.headers.map { $0.value.reveal() } == ["Bearer x", "b"])
        #expect(chosen.resource.map(\.value) == ["orders", "host/1", "paper"])
        #expect(chosen.share == 0.25 && chosen.batch == 10)
    }

    @Test func `name everything that is wrong at once, and repeat no secret`() throws {
        let given = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "grpc://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_EXPORTER_OTLP_HEADERS": "top-secret", "OTEL_EXPORTER_OTLP_TIMEOUT": "soon",
            "OTEL_TRACES_SAMPLER": "sometimes",
        ]
        do {
            _ = try read(given)
            Issue.record("nothing was refused")
        } catch let error as TraceSettings.Problems {
            #expect(error.problems.count == 5, "\(error.problems)")
            #expect(!error.problems.joined().contains("top-secret"))
        }
    }
}
