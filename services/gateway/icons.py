"""Our own line icons, drawn into the page as SVG, so that nothing is fetched and the content policy stays strict."""

from __future__ import annotations

from markupsafe import Markup

# A 24 × 24 grid, stroked with the text's colour (`.i` in app.css).
SHAPES: dict[str, str] = {
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "okc": '<circle cx="12" cy="12" r="9"/><path d="M8 12.3l2.8 2.8L16.2 9.5"/>',
    "ring": '<circle cx="12" cy="12" r="8.500"/>',
    "dotc": '<circle cx="12" cy="12" r="8.500"/><circle cx="12" cy="12" r="3" fill="currentColor"/>',
    "warn": '<path d="M12 4L2.8 19.5h18.4z"/><path d="M12 10v4.2M12 16.9v.2"/>',
    "errc": '<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.4M12 16.2v.2"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.4M12 7.6v.2"/>',
    "right": '<path d="M9.5 5.5L16 12l-6.5 6.5"/>',
    "left": '<path d="M14.5 5.5L8 12l6.5 6.5"/>',
    "home": '<path d="M4 11l8-7 8 7v8.5a.5.5 0 01-.5.5H15v-6H9v6H4.500a.5.5 0 01-.5-.5z"/>',
    "list": '<path d="M9 6.500h11M9 12h11M9 17.500h11"/><path d="M4.500 6.500h.1M4.500 12h.1M4.500 17.500h.1"/>',
    "card": (
        '<rect x="3" y="5" width="18" height="14" rx="2"/><circle cx="8.500" cy="11" r="2"/>'
        '<path d="M5.800 16c.4-1.500 1.400-2.200 2.700-2.200s2.300.7 2.700 2.200M14 10h4M14 14h4"/>'
    ),
    "user": '<circle cx="12" cy="8" r="4"/><path d="M4.500 20c.8-4 3.700-6 7.500-6s6.700 2 7.500 6"/>',
    "aa": '<path d="M3 18L8 6l5 12M4.700 14h6.600M15 18l3-7.500 3 7.500M16 15.500h4"/>',
    "search": '<circle cx="11" cy="11" r="6.500"/><path d="M16 16l4.500 4.500"/>',
    "lock": (
        '<rect x="5" y="10.500" width="14" height="9.500" rx="2"/><path d="M8.500 10.500V8a3.500 3.500 0 017 0v2.500"/>'
    ),
    "inbox": '<path d="M3.500 13.500L6 5h12l2.500 8.500V19h-17z"/><path d="M3.500 13.500H9a3 3 0 006 0h5.500"/>',
    "chart": '<path d="M4 4v16h16"/><path d="M8 16v-4M12.500 16V8M17 16v-6"/>',
    "bld": '<path d="M5 20V5h9v15M14 10h5v10M3 20h18"/><path d="M8 9h3M8 13h3M8 17h3"/>',
    "users": (
        '<circle cx="9" cy="8.500" r="3.500"/><path d="M2.800 19.500c.6-3.400 3-5 6.200-5s5.600 1.600 6.200 5'
        'M15.500 5.300a3.500 3.500 0 010 6.400M17.500 14.800c2 .6 3.300 2.200 3.700 4.700"/>'
    ),
    "shield": (
        '<path d="M12 3l7.500 2.800V11c0 4.700-3 8.200-7.500 10-4.500-1.800-7.500-5.300-7.500-10V5.800z"/>'
        '<path d="M8.800 12l2.300 2.300 4.200-4.300"/>'
    ),
    "log": '<circle cx="12" cy="12" r="8.500"/><path d="M12 7v5.200l3.300 2"/>',
    "gear": '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
    "file": '<path d="M6 3.500h8l4.500 4.500v12.500H6z"/><path d="M14 3.500V8h4.500"/>',
    "print": (
        '<path d="M7 9V4h10v5M7 17H4v-6.500A1.500 1.500 0 015.500 9h13a1.500 1.500 0 011.500 1.500V17h-3"/>'
        '<path d="M7 14h10v6H7z"/>'
    ),
    "down": '<path d="M12 4v11M7 10.500l5 5 5-5M4.500 20h15"/>',
    "bell": '<path d="M6 16.500V11a6 6 0 0112 0v5.500l1.500 2h-15z"/><path d="M10 20.500a2.200 2.200 0 004 0"/>',
    "sound": (
        '<path d="M4 9.500v5h3.500L12 18.500v-13L7.500 9.500z"/>'
        '<path d="M15.500 9a4.200 4.200 0 010 6M18 6.500a7.800 7.800 0 010 11"/>'
    ),
    "out": '<path d="M10 4.500H5.500v15H10M14 8l4 4-4 4M18 12H9.500"/>',
    "half": '<circle cx="12" cy="12" r="8.500"/><path d="M12 3.500a8.500 8.500 0 010 17z" fill="currentColor"/>',
}

LOGO = Markup(
    '<svg viewBox="0 0 32 32" aria-hidden="true"><rect class="mk-bg" width="32" height="32" rx="8"/>'
    '<path class="mk-fg" d="M16 6.500v8.500M11.500 10.750h9"/>'
    '<path class="mk-fg" d="M8.500 20.500l5 5 10-9.500"/></svg>'
)


def icon(name: str) -> Markup:
    """One icon; it says nothing to a screen reader, the words beside it do."""
    return Markup('<svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>').format(
        Markup(SHAPES[name])  # noqa: S704 - the shapes above are constants of ours
    )
