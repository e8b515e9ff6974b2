package import GatewayAPI

/// Making a directory, of all Services or after a change of some.
extension ServiceDirectory {
    /// - Parameter services: all of the cluster; those that are no frontends get no entry.
    package convenience init(_ services: ServiceTable) {
        self.init(services, refused: FrontendRoom.refusedServices(services))
    }

    private convenience init(_ services: ServiceTable, refused: [ObjectKey: SharedRoom.Refusal]) {
        var layout = DirectoryLayout(count: services.count)
        layout.refused = refused
        for service in services.values where refused[service.metadata.key] == nil { layout.append(service) }
        self.init(layout)
    }

    /// The directory after a change of some Services; what is known of the others is copied.
    package func updating(_ changed: Set<ObjectKey>, in services: ServiceTable) -> ServiceDirectory {
        let refused = FrontendRoom.refusedServices(services)
        guard refused.isEmpty, self.refused.isEmpty else { return ServiceDirectory(services, refused: refused) }
        var layout = DirectoryLayout(count: entries.count + changed.count, text: text.count)
        layout.defects = defects.filter { !changed.contains($0.key) }
        var next: Int32 = 0
        for key in changed.sorted() {
            let old = entries(of: key)
            layout.append(next..<old.lowerBound, of: self)
            if let service = services[key] { layout.append(service) }
            next = old.upperBound
        }
        layout.append(next..<count, of: self)
        return ServiceDirectory(layout)
    }
}
