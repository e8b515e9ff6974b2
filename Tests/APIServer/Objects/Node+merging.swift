import GatewayAPI

extension Node {
    /// RFC 7386.
    func merged(with patch: Node) -> Node {
        guard patch.isMapping else { return patch }
        var result: Node = isMapping ? self : .mapping([:])
        for entry in patch.members {
            result.set(
                entry.key,
                entry.value.isNull ? nil : (result[entry.key] ?? Node(.null)).merged(with: entry.value))
        }
        return result
    }

    /// Server-side apply's merge, and strategic merge's: keyed lists item by item, everything else as RFC 7386 does; a
    /// null takes away. An item with `$patch: delete` goes.
    func applied(_ patch: Node, in name: String = "") -> Node {
        if patch.isMapping {
            var result: Node = isMapping ? self : .mapping([:])
            for entry in patch.members where !entry.key.hasPrefix("$") {
                let old = result[entry.key] ?? Node(.null)
                result.set(entry.key, entry.value.isNull ? nil : old.applied(entry.value, in: entry.key))
            }
            return result
        }
        guard !elements.isEmpty, let keys = ListKeys.keys(of: name, elements + patch.elements),
            case .sequence(let patches) = patch.value
        else { return patch }
        var items = elements
        for item in patches {
            let index = items.firstIndex { ListKeys.step($0, keys) == ListKeys.step(item, keys) }
            let isDeletion = item.text("$patch") == "delete"
            switch (index, isDeletion) {
            case (let index?, true): items.remove(at: index)
            case (let index?, false): items[index] = items[index].applied(item)
            case (nil, true): break
            case (nil, false): items.append(Node(.null).applied(item))
            }
        }
        return .sequence(items)
    }

    /// RFC 6902, without `test` of anything but equality and without `copy` and `move`.
    func patched(_ operations: Node) throws(APIStatus) -> Node {
        var result = self
        for operation in operations.elements {
            guard let name = operation.text("op"), let pointer = operation.text("path"), pointer.hasPrefix("/") else {
                throw .badRequest("a JSON patch operation without op or path")
            }
            let path = pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
                String($0).replacing("~1", with: "/").replacing("~0", with: "~")
            }
            try result.carryOut(name, path[...], operation["value"])
        }
        return result
    }

    private mutating func carryOut(_ name: String, _ path: ArraySlice<String>, _ operand: Node?) throws(APIStatus) {
        guard let key = path.first else { return }
        let refusal = APIStatus(code: 422, reason: "Invalid", message: "the JSON patch does not fit at \(key)")
        if case .sequence(var items) = value {
            let index = key == "-" ? items.count : Int(key) ?? -1
            if path.count > 1 {
                guard items.indices.contains(index) else { throw refusal }
                try items[index].carryOut(name, path.dropFirst(), operand)
            } else if name == "add", let operand, (0...items.count).contains(index) {
                items.insert(operand, at: index)
            } else {
                guard items.indices.contains(index) else { throw refusal }
                try items[index].replace(name, operand, refusal)
                if name == "remove" { items.remove(at: index) }
            }
            value = .sequence(items)
        } else if path.count > 1 {
            guard var member = self[key] else { throw refusal }
            try member.carryOut(name, path.dropFirst(), operand)
            set(key, member)
        } else if name == "add", let operand {
            set(key, operand)
        } else {
            guard var member = self[key] else { throw refusal }
            try member.replace(name, operand, refusal)
            set(key, name == "remove" ? nil : member)
        }
    }

    private mutating func replace(_ name: String, _ operand: Node?, _ refusal: APIStatus) throws(APIStatus) {
        switch (name, operand) {
        case ("remove", _): return
        case ("replace", let operand?): self = operand
        case ("test", let operand?) where means(operand): return
        default: throw refusal
        }
    }
}
