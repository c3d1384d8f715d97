"""Every issued document as a file: PDF/A and PDF/UA, signed as an increment, never an empty box (design D15)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from services.applications.domain.application import Reason
from services.applications.printed import document_texts
from services.applications.rendering import missing_glyphs, render_document, texts_of
from services.applications.signing import load_chain, sign
from shared.trade.statuses import ApplicationState as State
from tests.support.document_pictures import documents
from tests.support.letters import document_of, examples, step_letter

EXAMPLES = examples()
PDFS = documents()
#: Han, with extensions A to H, compatibility forms and the dot of minority names: what a name may hold, and more.
HAN = st.one_of(
    *(
        st.characters(min_codepoint=first, max_codepoint=last)
        for first, last in (
            (0x4E00, 0x9FFF),
            (0x3400, 0x4DBF),
            (0xF900, 0xFAFF),
            (0x20000, 0x2FA1F),
            (0x30000, 0x323AF),
        )
    ),
    st.just("·"),
)


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A test chain as a trial deployment makes it."""
    return load_chain(SimpleNamespace(keys_dir=tmp_path_factory.mktemp("keys"), is_production=False))


def structure(node: Any) -> Any:
    """The structure tree below a node: the type of each element, its alternative text, and its children in order."""
    found = node.get_object()
    if not hasattr(found, "get"):
        return [structure(child) for child in found] if isinstance(found, list) else int(found)
    children = found.get("/K", [])
    inner = children.get_object() if hasattr(children, "get_object") else children
    below = [structure(child) for child in inner] if isinstance(inner, list) else structure(inner)
    return str(found.get("/S", "")), str(found.get("/Alt", "")), below


def fonts(reader: PdfReader) -> dict[str, str]:
    """Each font that a page uses, with the digest of its embedded program."""
    found = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            program = next(descriptor[key] for key in ("/FontFile3", "/FontFile2") if key in descriptor)
            found[str(descendant["/BaseFont"])] = hashlib.sha256(program.get_object().get_data()).hexdigest()
    return found


def claims(reader: PdfReader) -> bytes:
    """The XMP packet, in which the standards are declared."""
    packet: bytes = reader.trailer["/Root"]["/Metadata"].get_data()
    return packet


@pytest.mark.parametrize("name", PDFS)
def test_a_document_is_tagged_titled_and_of_archive_quality(name):
    """PDF/A-2a and PDF/UA-1: marked, in Chinese, a title to show, text that can be extracted; one page."""
    reader = PdfReader(BytesIO(PDFS[name]))
    root = reader.trailer["/Root"]
    packet = claims(reader).decode()
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("zh")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    for declared in ("pdfaid:part>2<", "pdfaid:conformance>A<", "pdfuaid:part>1<"):
        assert declared in packet
    assert len(reader.pages) == 1
    assert all(fonts(reader).values())
    if name in EXAMPLES:
        texts = document_texts(EXAMPLES[name])
        text = reader.pages[0].extract_text().replace("\n", "").replace(" ", "")
        for printed in (texts["title"], texts["number"], texts["application_number"], "沈若溪"):
            assert printed in text
        assert reader.metadata is not None
        assert reader.metadata.title == f"{texts['title']} {texts['number']}"


@pytest.mark.parametrize("name", PDFS)
def test_a_signature_is_trusted_and_changes_nothing_that_was_there(chain, name):
    """An increment behind the unsigned bytes: same structure tree, same claims, same embedded fonts, same pages."""
    pdf = PDFS[name]
    signed = sign(pdf, chain, reason="签发")
    assert signed.startswith(pdf)
    before, after = PdfReader(BytesIO(pdf)), PdfReader(BytesIO(signed))
    tree = structure(before.trailer["/Root"]["/StructTreeRoot"])
    assert "/H1" in str(tree)
    assert structure(after.trailer["/Root"]["/StructTreeRoot"]) == tree
    assert claims(after) == claims(before)
    assert fonts(after) == fonts(before)
    assert [page.extract_text() for page in after.pages] == [page.extract_text() for page in before.pages]
    (signature,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[chain.certificates[-1]]))
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"


def test_a_structure_that_differs_is_seen():
    """The comparison above would be worth nothing otherwise."""
    trees = [structure(PdfReader(BytesIO(PDFS[name])).trailer["/Root"]["/StructTreeRoot"]) for name in PDFS]
    assert trees[0] != trees[1]


@pytest.mark.parametrize("name", ["practice-certificate", "approval"])
def test_the_pictures_say_in_words_what_they_are(name):
    """PDF/UA-1: barcode and QR code have an alternative text."""
    tree = str(structure(PdfReader(BytesIO(PDFS[name])).trailer["/Root"]["/StructTreeRoot"]))
    assert "二维码" in tree


def test_the_cover_sheet_is_a_table_with_a_header():
    tree = str(structure(PdfReader(BytesIO(PDFS["cover-sheet"])).trailer["/Root"]["/StructTreeRoot"]))
    assert "/TH" in tree
    assert "条形码，办件编号ZC20261123-0001" in tree


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(HAN, min_size=2, max_size=30))
def test_a_name_is_printed_whole_or_waits_for_a_person(name):
    """`ui.md` §12: a character without a shape is found before rendering; what is rendered has every shape it needs."""
    texts = document_texts(EXAMPLES["acceptance"])
    texts = {**texts, "addressee": f"{name}："}
    missing = missing_glyphs(texts_of(texts))
    if missing:
        assert set(missing) <= {f"U+{ord(character):04X}" for character in name}
    else:
        page = PdfReader(BytesIO(render_document("acceptance", texts, verify_url=""))).pages[0]
        assert name in page.extract_text().replace("\n", "").replace(" ", "")


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=20))
def test_an_officers_words_are_printed_or_wait_for_a_person(note):
    """Whatever somebody types: a rendering never fails on what the look for missing shapes let through."""
    letter = step_letter(State.SUPPLEMENT, reasons=(Reason("other", "", note),), note=note)
    texts = document_texts(document_of(letter))
    if not missing_glyphs(texts_of(texts)):
        assert render_document("supplement", texts, verify_url="").startswith(b"%PDF")


def test_a_long_notice_goes_on_over_the_page_with_all_its_points():
    """Thirty points are as many as a notice may have; the seal stands behind the last."""
    notes = [f"第{number}页字迹不清晰，请重新扫描后提交" for number in range(30)]
    reasons = tuple(Reason("document_unreadable", "id_copy", note) for note in notes)
    texts = document_texts(document_of(step_letter(State.SUPPLEMENT, reasons=reasons, note="请一并提交")))
    reader = PdfReader(BytesIO(render_document("supplement", texts, verify_url="")))
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "").replace(" ", "")
    assert len(reader.pages) > 1
    assert all(note in text for note in notes)
    assert f"共{len(reader.pages)}页" in text


def test_long_names_of_places_wrap():
    facts = replace(
        EXAMPLES["acceptance"].facts,
        authority_name="示例自治州示例民族自治县卫生健康和医疗保障委员会行政审批服务局",
        name="一" * 30,
    )
    texts = document_texts(replace(EXAMPLES["acceptance"], facts=facts))
    assert len(PdfReader(BytesIO(render_document("acceptance", texts, verify_url=""))).pages) == 1
