"""The certificate as a document: PDF/A and PDF/UA at once, signed, one page, never an empty box (design D15)."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from commands.journey.papers import photo
from services.applications.domain.documents import certificate_texts
from services.applications.rendering import missing_glyphs, render_certificate, texts_of
from services.applications.signing import load_chain, sign
from shared.platform.config import SettingsError
from tests.unit.applications.test_effect import opened

VERIFY = "https://example.org/verify/7K3D-92QF-XM4T"


def texts(**changed):
    """What is printed of a certificate."""
    return certificate_texts(opened().certificate) | changed


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A test chain as a trial deployment makes it."""
    return load_chain(SimpleNamespace(keys_dir=tmp_path_factory.mktemp("keys"), is_production=False))


def test_the_certificate_is_one_tagged_page_of_archive_quality():
    """PDF/A-2a and PDF/UA-1: tagged, titled, in Chinese, with its standards declared, text that can be extracted."""
    pdf = render_certificate(texts(name="买买提·阿依古丽"), verify_url=VERIFY, photo=photo())
    reader = PdfReader(BytesIO(pdf))
    root = reader.trailer["/Root"]
    metadata = root["/Metadata"].get_data().decode()
    assert len(reader.pages) == 1
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("zh")
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    text = reader.pages[0].extract_text()
    for printed in ("医师执业证书", "买买提·阿依古丽", "110 430100 000123", "4301************49", "扫码核验"):
        assert printed in text


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "𬭎䶮\u4db6𬭸"},
        {
            "institution_name": "示例自治州示例民族自治县" + "示例乡镇" * 8 + "中心卫生院",
            "scopes": ["内科专业", "外科专业", "妇产科专业"],
        },
        {"name": "一" * 30, "filings": ["示例社区卫生服务中心", "示例区妇幼保健院"]},
    ],
)
def test_rare_characters_and_long_names_stay_on_the_one_page(changed):
    """`ui.md` §12: rare characters render where the font has them; long names wrap."""
    printed = texts(**changed)
    assert missing_glyphs(texts_of(printed)) == []
    pages = PdfReader(BytesIO(render_certificate(printed, verify_url=VERIFY, photo=None))).pages
    assert len(pages) == 1


def test_a_character_without_a_shape_is_found_before_rendering():
    """Never an empty box: the code points are named, white space is none."""
    assert missing_glyphs(texts_of(texts(name="王\U0003134a 明"))) == ["U+3134A"]


def test_the_signature_is_trusted_and_leaves_the_structure_as_it_was(chain):
    """PAdES, embedded chain; after signing the document is as tagged as before and any change would show."""
    pdf = render_certificate(texts(), verify_url=VERIFY, photo=photo())
    signed = sign(pdf, chain, reason="签发")
    assert signed.startswith(pdf)
    reader = PdfReader(BytesIO(signed))
    root = reader.trailer["/Root"]
    assert "/StructTreeRoot" in root
    assert root["/MarkInfo"]["/Marked"]
    signature = PdfFileReader(BytesIO(signed)).embedded_signatures[0]
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[chain.certificates[-1]]))
    assert status.bottom_line
    assert len(list(signature.embedded_attr_certs)) == 0
    altered = signed.replace(b"/Lang", b"/Lanh", 1)
    with_change = PdfFileReader(BytesIO(altered)).embedded_signatures[0]
    assert not validate_pdf_signature(with_change, ValidationContext(trust_roots=[chain.certificates[-1]])).intact


def test_a_test_chain_is_made_once_and_never_in_production(tmp_path):
    """Production is given its chain; a missing one is a wrong setting, named."""
    trial = SimpleNamespace(keys_dir=tmp_path / "trial", is_production=False)
    assert load_chain(trial).certificates[0].dump() == load_chain(trial).certificates[0].dump()
    with pytest.raises(SettingsError, match="KEYS_DIR"):
        load_chain(SimpleNamespace(keys_dir=tmp_path / "real", is_production=True))
