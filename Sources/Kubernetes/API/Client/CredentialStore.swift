internal import Glibc
internal import Reactor

/// The credentials of one configuration, kept current: files are looked at again each minute, a plugin is run when what
/// it gave is about to end, and all of it when the server refused them. While they cannot be renewed the last good ones
/// are used.
final class CredentialStore {
    private let configuration: ClusterConfiguration
    private let loop: EventLoop
    private var current: Credentials?
    private var loadedAt: UInt64 = 0
    private var fromPlugin: ExecCredentials?
    /// When the plugin gave them, in seconds since 1970.
    private var givenAt: Int64 = 0
    private var run: ExecRun?
    private var waiting: [(Result<Credentials, APIError>) -> Void] = []

    init(_ configuration: ClusterConfiguration, loop: EventLoop) {
        self.configuration = configuration
        self.loop = loop
    }

    /// Hands on the credentials, at once when they are at hand.
    func get(_ done: @escaping (Result<Credentials, APIError>) -> Void) {
        if let current, isFresh { return done(.success(current)) }
        guard case .plugin(let plugin)? = configuration.token, needsRun else { return done(load()) }
        waiting.append(done)
        if run == nil { start(plugin) }
    }

    /// The server refused these: they are made anew unless others have been since.
    func refused(_ credentials: Credentials) {
        guard current == credentials else { return }
        loadedAt = 0
        fromPlugin = nil
    }

    private var isFresh: Bool {
        loadedAt > 0 && Clock.now() &- loadedAt < APILimits.credentialsLifetime && !needsRun
    }

    private var needsRun: Bool {
        guard case .plugin? = configuration.token else { return false }
        guard let fromPlugin else { return true }
        guard let expires = fromPlugin.expires else { return false }
        // What lives for a minute or less would otherwise have to be made anew for each request.
        let margin = min(APILimits.expiryMargin, max(0, expires - givenAt) / 4)
        return expires - margin <= Self.now
    }

    private static var now: Int64 { Int64(Clock.wallMilliseconds() / 1000) }

    // MARK: Plugin

    private func start(_ plugin: ExecPlugin) {
        let authorities = try? configuration.authorities.map { try Self.bytes($0) }
        do throws(APIError) {
            run = try ExecRun(
                plugin, information: plugin.information(of: configuration, authorities: authorities), loop: loop
            ) { [weak self] result in self?.ran(plugin, result) }
        } catch {
            finish(fallback(error))
        }
    }

    private func ran(_ plugin: ExecPlugin, _ result: Result<[UInt8], APIError>) {
        run = nil
        do throws(APIError) {
            fromPlugin = try plugin.credentials(try result.get())
            givenAt = Self.now
            finish(load())
        } catch {
            finish(fallback(error))
        }
    }

    private func finish(_ result: Result<Credentials, APIError>) {
        let all = waiting
        waiting = []
        for done in all { done(result) }
    }

    // MARK: Files

    private func load() -> Result<Credentials, APIError> {
        do throws(APIError) {
            var material = TransportMaterial()
            material.authorities = try configuration.authorities.map { source throws(APIError) in try Self.bytes(source)
            }
            material.chain = try configuration.certificate.map { pair throws(APIError) in try Self.bytes(pair.chain) }
            material.key = try configuration.certificate.map { pair throws(APIError) in try Self.bytes(pair.key) }
            if let chain = fromPlugin?.chain, let key = fromPlugin?.key {
                material.chain = chain
                material.key = key
            }
            let credentials = Credentials(token: try token(), transport: material)
            current = credentials
            loadedAt = Clock.now()
            return .success(credentials)
        } catch {
            return fallback(error)
        }
    }

    /// What was good once may still be; it is tried again soon.
    private func fallback(_ error: APIError) -> Result<Credentials, APIError> {
        current.map { .success($0) } ?? .failure(error)
    }

    private func token() throws(APIError) -> String? {
        switch configuration.token {
        case nil: return nil
        case .plugin: return fromPlugin?.token
        case .text(let text): return text
        case .file(let path):
            let text = String(decoding: try Self.bytes(.file(path)), as: UTF8.self).filter { !$0.isWhitespace }
            guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                throw .credentials("\(path) holds no token")
            }
            return text
        }
    }

    private static func bytes(_ material: ClusterConfiguration.Material) throws(APIError) -> [UInt8] {
        switch material {
        case .bytes(let bytes): return bytes
        case .file(let path):
            do throws(FileError) {
                guard let bytes = try FileSystem.read(path, maximum: APILimits.credentialsBytes).bytes else {
                    throw FileError(code: EFBIG)
                }
                return bytes
            } catch {
                throw .credentials("\(path) \(error.message)")
            }
        }
    }
}
