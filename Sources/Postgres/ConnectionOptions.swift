internal import CLibpq
internal import Core

/// What libpq is told: the address taken apart, and our defaults for what it does not say.
struct ConnectionOptions {
    private(set) var values: [(name: String, value: String)] = []

    init(_ settings: PostgresSettings) throws(PostgresError) {
        values = try Self.parse(Self.withoutDriver(settings.address.reveal()))
        try refuseWhatIsNotChecked()
        addDefault("sslmode", isLocal ? nil : "verify-full")
        // Encryption by Kerberos would go before TLS, and check no certificate.
        addDefault("gssencmode", "disable")
        addDefault("application_name", settings.applicationName)
        addDefault("client_encoding", "UTF8")
        addDefault("tcp_user_timeout", String(max(1, settings.unacknowledgedTimeout.milliseconds)))
        addDefault("keepalives_idle", "10")
        addDefault("keepalives_interval", "5")
        addDefault("keepalives_count", "3")
        let own =
            "-c TimeZone=UTC -c statement_timeout=\(max(0, settings.statementTimeout.milliseconds))"
            + " -c lock_timeout=\(max(0, settings.lockTimeout.milliseconds))"
            + " -c idle_in_transaction_session_timeout=\(max(0, settings.idleInTransactionTimeout.milliseconds))"
            + (settings.plansOnce ? " -c plan_cache_mode=force_generic_plan -c jit=off" : "")
        // The server takes the last of two: what the address says wins.
        let given = value("options").map { " " + $0 } ?? ""
        values.removeAll { $0.name == "options" }
        values.append(("options", own + given))
    }

    func value(_ name: String) -> String? { values.first { $0.name == name }?.value }

    /// For people and logs.
    var target: String {
        let host = value("host") ?? value("hostaddr") ?? Self.standard("host") ?? "(socket)"
        let port = value("port") ?? Self.standard("port") ?? "5432"
        return "\(host):\(port)/\(value("dbname") ?? Self.standard("dbname") ?? "")"
            + (value("user").map { " as \($0)" } ?? "")
    }

    /// Whether every host is a socket of this machine or its loopback: there TLS would protect from nobody.
    private var isLocal: Bool {
        let named = value("hostaddr") ?? value("host")
        // A service file may name any host.
        if named == nil, value("service") != nil || Self.standard("service") != nil { return false }
        let hosts = named ?? Self.standard("hostaddr") ?? Self.standard("host") ?? ""
        return hosts.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { host in
            host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
                || Self.isLoopback(host)
        }
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private func refuseWhatIsNotChecked() throws(PostgresError) {
        let mode = value("sslmode") ?? ""
        if ["allow", "prefer", "require"].contains(mode), !isLocal {
            throw PostgresError(
                .configure, .setting,
                "sslmode=\(mode) encrypts without checking whom it talks to; "
                    + "say verify-full (the default), or disable on a network that is trusted")
        }
        if value("sslrootcert") == "system" {
            throw PostgresError(
                .configure, .setting,
                "this libpq does not know sslrootcert=system; name the PEM file of trusted authorities "
                    + "(on Debian /etc/ssl/certs/ca-certificates.crt)")
        }
    }

    private mutating func addDefault(_ name: String, _ value: String?) {
        guard let value, self.value(name) == nil else { return }
        values.append((name, value))
    }

    /// `postgresql+psycopg://` names a driver of Python's; the rest is the same.
    private static func withoutDriver(_ address: String) -> String {
        guard let scheme = address.firstMatch(of: #/^(postgres(?:ql)?)\+\w+:\/\//#) else { return address }
        return scheme.output.1 + "://" + address[scheme.range.upperBound...]
    }

    /// libpq's own words are not passed on: they quote pieces of the address, which may be the password.
    private static func parse(_ address: String) throws(PostgresError) -> [(name: String, value: String)] {
        var fault: UnsafeMutablePointer<CChar>?
        let isText = !address.utf8.contains(0)
        guard isText, let list = unsafe PQconninfoParse(address, &fault) else {
            unsafe PQfreemem(fault)
            throw PostgresError(
                .configure, .setting,
                "TORGHUT_DB_DSN is neither a URI (postgresql://user:password@host:5432/name) nor a key=value list that "
                    + "libpq knows; in a URI, letters such as @ : / ? # of a password are written %40 %3A %2F %3F %23")
        }
        return unsafe taken(from: list)
    }

    /// What libpq takes from the environment when the address is silent.
    private static func standard(_ name: String) -> String? {
        guard let list = unsafe PQconndefaults() else { return nil }
        return unsafe taken(from: list).first { $0.name == name }?.value
    }

    /// Takes the list over and frees it.
    private static func taken(from list: UnsafeMutablePointer<PQconninfoOption>) -> [(name: String, value: String)] {
        defer { unsafe PQconninfoFree(list) }
        var found: [(name: String, value: String)] = []
        var option = unsafe list
        // The list ends with an option without a name.
        while let name = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                found.append((unsafe String(cString: name), unsafe String(cString: value)))
            }
            unsafe option += 1
        }
        return found
    }
}

extension Duration {
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000_000_000
    }
}
