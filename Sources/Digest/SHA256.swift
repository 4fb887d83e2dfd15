internal import CCrypto

/// SHA-256, fed in pieces: identities and the manifest of an archive.
@safe public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let made = unsafe EVP_MD_CTX_new() else { fatalError("libcrypto is out of memory") }
        unsafe context = made
        let started = unsafe EVP_DigestInit_ex(made, EVP_sha256(), nil)
        precondition(started == 1, "libcrypto has no SHA-256")
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: RawSpan) {
        // Safe: the pointer is used only inside the call.
        let updated = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(updated == 1, "SHA-256 refused its input")
    }

    /// The 32 bytes of the digest; the context is used up.
    public consuming func finish() -> [UInt8] {
        let digest = unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            let finished = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            precondition(finished == 1, "SHA-256 did not finish")
            count = 32
        }
        return digest
    }

    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hasher = SHA256()
        unsafe hasher.update(bytes.span.bytes)
        return hasher.finish()
    }
}
