/// Why a connection was not made: libpq says it in words only, so the words are read here, in one place.
extension PostgresError {
    /// `text` is libpq's message with its verbose errors, which carry the SQLSTATE: `FATAL:  28P01: password …`.
    static func connecting(_ text: String) -> PostgresError {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        if let (state, message) = lines.lazy.compactMap(sqlState).first {
            return PostgresError(.connect, .server, sqlState: state, message)
        }
        let line = firstLine(text)
        let isCertificate = text.contains("certificate verify failed")
        let reason: Reason =
            if text.contains("root certificate file") || text.contains("could not read root certificate") {
                .noAuthorities
            } else if isCertificate { .untrustedChain } else if text.contains("does not match host name") {
                .otherHost
            } else if text.contains("server does not support SSL") { .noTLS } else if isSetting(text) {
                .setting
            } else { .unreachable }
        return PostgresError(.connect, reason, isCertificate ? line + chainFault(text) : line)
    }

    /// `self-signed certificate` is OpenSSL's word, and says more than that verifying failed.
    private static func chainFault(_ text: String) -> String {
        text.contains("chain of trust") ? "" : ": the chain of trust is broken"
    }

    private static func isSetting(_ text: String) -> Bool {
        ["invalid sslmode", "invalid connection option", "private key file", "could not load", "invalid port"]
            .contains(where: text.contains)
    }

    private static func sqlState(in line: String) -> (String, String)? {
        // `FATAL` has five capitals too: the states of the server have a digit.
        guard let found = line.firstMatch(of: #/:\s+((?=[A-Z]*[0-9])[0-9A-Z]{5}):\s+(.*)$/#) else { return nil }
        return (String(found.output.1), String(found.output.2))
    }
}
