"""Pictures that the server draws: QR codes and the fine rings behind a certificate, as inline SVG without styles."""

from __future__ import annotations

from io import BytesIO

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """A QR code as inline SVG (error correction M), its lines coloured by the stylesheet."""
    drawn = BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=0, nl=False)
    return Markup(drawn.getvalue().decode())  # noqa: S704 - the drawing holds nothing but coordinates


def rings() -> Markup:
    """The rings of the certificate's ground, at a tenth of their strength."""
    circles = "".join(
        f'<circle cx="360" cy="430" r="{radius}" fill="none" stroke="#0b5c7d" stroke-width=".6" opacity=".1"/>'
        for radius in range(60, 620, 22)
    )
    return Markup(  # noqa: S704 - constants of ours
        f'<svg class="gl" viewBox="0 0 720 860" preserveAspectRatio="xMidYMid slice" aria-hidden="true">{circles}</svg>'
    )
