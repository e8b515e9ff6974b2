package import GatewayAPI
package import Reactor

/// Where a proxy's resources come from: a folder of manifests, or an API server. Belongs to one event loop.
package protocol ResourceSource: AnyObject {
    /// For people: the folder's path, or the server's URL.
    var name: String { get }
    var resources: ResourceSet { get }
    /// Objects that cannot be used, and what keeps others from being read.
    var problems: [Problem] { get }
    /// Everything there is has been seen once. Until then the resources say nothing.
    var isKnown: Bool { get }
    /// The last attempt to look succeeded; else the resources are the last ones known.
    var isHealthy: Bool { get }
    /// Whether objects that belong together come one after the other, so that what is missing may be on its way.
    var isPiecemeal: Bool { get }
    /// Whether EndpointSlices are read only of the Services that are asked for.
    var isLazy: Bool { get }

    /// Begins. `onChange` is called on the loop's thread, perhaps before this returns.
    func start(on loop: EventLoop, onChange: @escaping (SourceChange) -> Void)
    /// Looks again at once.
    func reload()
    /// Of which Services the EndpointSlices have been read; of all, for a source that is not lazy.
    var coverage: EndpointCoverage { get }
    /// Services that are in use: their EndpointSlices are read from now on, and for some time after the last call.
    func use(_ services: Set<ObjectKey>)
    /// What the plan needs as long as it stands, after each plan: Services whose EndpointSlices must be read whether or
    /// not they are used, and Secrets.
    func need(services: Set<ObjectKey>, secrets: Set<ObjectKey>)
}
