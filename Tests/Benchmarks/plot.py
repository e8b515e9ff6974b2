"""Draws docs/benchmarks.svg: CPU per request and resident memory, one bar group per proxy. No library, no scripts; the
colours read on light and dark pages alike."""

from xml.sax.saxutils import escape

NAMES = {"floor": "C floor", "weir": "Weir", "haproxy": "HAProxy", "nginx": "nginx", "envoy": "Envoy"}
WIDTH, LEFT, RIGHT, BAR, GAP, HEADER = 760, 90, 90, 16, 10, 44
OURS, THEIRS, INK, GRID = "#d9480f", "#5c7cfa", "#868e96", "#ced4da"
SHADES = (1.0, 0.7, 0.45)  # of the bars of one group


def draw(results):
    panels, y = [], 16
    for panel in (_cpu(results), _memory(results)):
        if panel:
            markup, height = _panel(y, *panel)
            panels.append(markup)
            y += height
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" '
            f'font-size="12" role="img" aria-label="CPU per request and resident memory of each proxy">\n'
            + "\n".join(panels) + "\n</svg>\n")


def _cpu(results):
    proxies = results.get("throughput", {}).get("saturated", {}).get("proxies")
    if not proxies:
        return None
    rows = [(name, [proxy["cpu_us"]]) for name, proxy in proxies.items()]
    return "CPU per request at saturation, microseconds (less is better)", [], rows


def _memory(results):
    proxies = results.get("memory")
    if not proxies:
        return None
    rows = [(name, [step["resident"] / 1e6 for step in proxy["steps"].values()]) for name, proxy in proxies.items()]
    return "Resident memory, MB (less is better)", ["idle", "1,000 idle connections", "10,000"], rows


def _panel(top, title, legend, rows):
    """(markup, height) of one horizontal bar chart."""
    largest = max(value for _, values in rows for value in values) or 1
    scale = (WIDTH - LEFT - RIGHT) / largest
    marks = [_text(LEFT, top + 14, title, weight="bold", anchor="start")]
    x = LEFT
    for shade, label in zip(SHADES, legend):
        marks.append(f'<rect x="{x}" y="{top + 22}" width="10" height="10" fill="{THEIRS}" fill-opacity="{shade}"/>')
        marks.append(_text(x + 14, top + 31, label, anchor="start"))
        x += 30 + 7 * len(label)
    y = top + HEADER
    first = y
    bars = []
    for name, values in rows:
        height = BAR * len(values)
        bars.append(_text(LEFT - 8, y + height / 2 + 4, NAMES.get(name, name), anchor="end"))
        for index, value in enumerate(values):
            bars.append(f'<rect x="{LEFT}" y="{y + index * BAR}" width="{value * scale:.1f}" height="{BAR - 2}" '
                        f'fill="{OURS if name == "weir" else THEIRS}" fill-opacity="{SHADES[index]}"/>')
            bars.append(_text(LEFT + value * scale + 6, y + index * BAR + 11, f"{value:.1f}", anchor="start"))
        y += height + GAP
    marks.append(f'<line x1="{LEFT}" y1="{first - 4}" x2="{LEFT}" y2="{y - GAP + 4}" stroke="{GRID}"/>')
    return "\n".join(marks + bars), y - top + 14


def _text(x, y, text, anchor, weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{INK}">'
            f"{escape(text)}</text>")
