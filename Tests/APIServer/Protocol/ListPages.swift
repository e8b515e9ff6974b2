import GatewayAPI

/// Lists in pages: the pages of one list show one moment.
struct ListPages {
    /// Lists under way that are remembered; the oldest expire, as time makes them on a real server.
    private static let limit = 4096

    private struct Rest {
        var resourceVersion: Int64
        var objects: ArraySlice<StoredObject>
    }

    private var rests: [Int: Rest] = [:]
    private var next = 0

    struct Page {
        var resourceVersion: Int64
        var objects: ArraySlice<StoredObject>
        var continuation: String?
        var remaining = 0
    }

    mutating func first(_ objects: [StoredObject], resourceVersion: Int64, limit: Int?) -> Page {
        page(Rest(resourceVersion: resourceVersion, objects: objects[...]), limit)
    }

    mutating func more(_ token: String, limit: Int?) throws(APIStatus) -> Page {
        guard let number = Int(token) else { throw .badRequest("continue key is not valid: \(token)") }
        // A page may be asked for again, so its place is kept.
        guard let rest = rests[number] else {
            throw .expired(
                "The provided continue parameter is too old to display a consistent list result. You must start a new list "
                    + "without the continue parameter.")
        }
        return page(rest, limit)
    }

    mutating func expire() { rests = [:] }

    private mutating func page(_ rest: Rest, _ limit: Int?) -> Page {
        guard let limit, limit > 0, rest.objects.count > limit else {
            return Page(resourceVersion: rest.resourceVersion, objects: rest.objects)
        }
        next += 1
        rests[next] = Rest(resourceVersion: rest.resourceVersion, objects: rest.objects.dropFirst(limit))
        rests[next - Self.limit] = nil
        return Page(
            resourceVersion: rest.resourceVersion, objects: rest.objects.prefix(limit), continuation: "\(next)",
            remaining: rest.objects.count - limit)
    }
}
