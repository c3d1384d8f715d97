"""Pictures of every document for `docs/images/documents`: `python -m tests.support.document_pictures [FOLDER]`.

Needs `pdftoppm` (poppler-utils). Run it after a template has changed, and look at what it made.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from commands.journey.papers import photo
from services.applications.domain.documents import certificate_texts
from services.applications.printed import document_texts
from services.applications.rendering import render_certificate, render_document
from tests.support.letters import CHECK_CODE, examples
from tests.unit.applications.test_effect import opened

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images" / "documents"
VERIFY = f"https://yizhu.example/verify/{CHECK_CODE}"
DOTS_AN_INCH = 80
COLOURS = 32


def documents() -> dict[str, bytes]:
    """Every document as an unsigned PDF, by name."""
    found = {
        "practice-certificate": render_certificate(
            certificate_texts(opened().certificate), verify_url=VERIFY, photo=photo()
        )
    }
    for name, document in examples().items():
        verify_url = VERIFY if document.facts.check_code else ""
        found[name] = render_document(document.kind, document_texts(document), verify_url=verify_url)
    return found


def draw(pdf: bytes, target: Path) -> None:
    """The first page as a small PNG."""
    with TemporaryDirectory() as folder:
        source, stem = Path(folder) / "document.pdf", Path(folder) / "page"
        source.write_bytes(pdf)
        command = ["pdftoppm", "-r", str(DOTS_AN_INCH), "-png", "-singlefile", str(source), str(stem)]
        subprocess.run(command, check=True)
        with Image.open(stem.with_suffix(".png")) as page:
            page.convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS).save(target, optimize=True)


def main(folder: Path) -> None:
    """Draw all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, pdf in documents().items():
        draw(pdf, folder / f"{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
