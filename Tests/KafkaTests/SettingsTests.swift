import Core
import Kafka
import Testing

@Suite struct `Settings for Kafka` {
    private func refusal(_ name: String, _ value: String) -> String? {
        do throws(KafkaError) {
            _ = try KafkaConsumer(KafkaSettings(bootstrap: "127.0.0.1:1", properties: [name: value]))
            return nil
        } catch {
            #expect(error.operation == .configure)
            #expect(error.disposition == .reject)
            return error.text
        }
    }

    @Test func `refuse a property librdkafka does not have, by its name`() {
        #expect(refusal("fetch.wiat.max.ms", "5") == "librdkafka has no property 'fetch.wiat.max.ms'")
    }

    @Test func `refuse a value a property does not take, without printing it`() throws {
        let text = try #require(refusal("socket.timeout.ms", "secret"))
        #expect(text.contains("'socket.timeout.ms'"))
        #expect(!text.contains("secret"))
    }

    @Test(arguments: ["isolation.level", "acks", "transactional.id", "partitioner", "auto.offset.reset"])
    func `refuse what the contract of the log stands on`(name: String) throws {
        #expect(try #require(refusal(name, "all")).contains("'\(name)' is set by Torghut"))
    }

    @Test(arguments: [
        ("enable.ssl.certificate.verification", "false"), ("enable.ssl.certificate.verification", "0"),
        ("ssl.endpoint.identification.algorithm", "none"),
    ])
    func `cannot turn TLS verification off`(name: String, value: String) throws {
        #expect(try #require(refusal(name, value)).contains("'\(name)' would turn off TLS verification"))
    }

    @Test func `pass any other property through`() {
        #expect(refusal("fetch.wait.max.ms", "5") == nil)
        #expect(refusal("enable.ssl.certificate.verification", "true") == nil)
    }

    @Test func `take SASL and TLS, and name a certificate file that is not there`() {
        var settings = KafkaSettings(bootstrap: "127.0.0.1:1")
        settings.security = KafkaSecurity(
            login: .init(username: "u", password: "hush"), authorities: "/nowhere/ca.pem")
        let error = #expect(throws: KafkaError.self) { try KafkaProducer(settings, transactionalID: "w") }
        #expect(error?.text.contains("ssl.ca.location") == true)
        settings.security?.authorities = nil
        #expect(throws: Never.self) { try KafkaProducer(settings, transactionalID: "w") }
        #expect(!"\(settings)".contains("hush"))
        #expect(!String(reflecting: settings.security).contains("hush"))
    }

    @Test func `are read as pairs, in lines or separated by semicolons`() throws {
        #expect(try KafkaSettings.properties(from: "a.b=c;d=e=f; ") == ["a.b": "c", "d": "e=f"])
        #expect(try KafkaSettings.properties(from: "# who\na=b;c\n\nd = e\n") == ["a": "b;c", "d": "e"])
        #expect(try KafkaSettings.properties(from: "a=b;c\n") == ["a": "b;c"])
    }

    @Test func `name the entries that are no pairs by number, and do not show them`() {
        let error = #expect(throws: KafkaError.self) { try KafkaSettings.properties(from: "hush;a=b;;=c") }
        #expect(error?.text == "entry 1, entry 4 is not name=value")
    }
}
