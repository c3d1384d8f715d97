"""Rules that every template keeps: strict content policy, all text through the catalogue, nothing from elsewhere."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from jinja2 import Environment, nodes

from services.gateway.pages import assets

GATEWAY = Path(__file__).resolve().parents[4] / "services" / "gateway"
TEMPLATES = sorted((GATEWAY / "templates").rglob("*.html"))
PYTHON = sorted([*(GATEWAY / "pages").glob("*.py"), *(GATEWAY / "view_models").glob("*.py"), GATEWAY / "forms.py"])
HAN = re.compile(r"[\u3400-\u9fff]")
MARKERS = {"_", "N_", "gettext", "ngettext"}


@pytest.fixture(params=TEMPLATES, ids=lambda path: str(path.relative_to(GATEWAY / "templates")))
def source(request) -> str:
    return request.param.read_text(encoding="utf-8")


def test_a_template_has_no_inline_style_and_no_inline_handler(source):
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"\son[a-z]+\s*=", source)
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"hx-on|hx-vals=.js:|javascript:", source)


def test_a_template_marks_nothing_as_safe_and_loads_nothing_from_elsewhere(source):
    assert "|safe" not in source.replace(" ", "")
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", source)
    assert "data:" not in re.sub(r"data-[a-z-]+", "", source)


def test_all_text_of_a_template_goes_through_the_catalogue(source):
    """Chinese stands only inside `_(…)`, in comments, or comes from `words`."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    tree = environment.parse(source)
    bare = [data.data.strip() for data in tree.find_all(nodes.TemplateData) if HAN.search(data.data)]
    assert bare == []
    translated = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in MARKERS
        for constant in call.args
    }
    texts = [
        constant.value
        for constant in tree.find_all(nodes.Const)
        if isinstance(constant.value, str) and HAN.search(constant.value) and id(constant) not in translated
    ]
    assert texts == []


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.name)
def test_no_text_of_a_page_stands_in_python_outside_the_catalogue(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    allowed = {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in MARKERS
        for part in ast.walk(call)
    }
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr)
    }
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and HAN.search(node.value)
        and id(node) not in allowed | documented
    ]
    assert found == []


def test_the_extraction_finds_the_text_of_templates_and_of_python():
    """What `pybabel extract -F services/gateway/translations/babel.cfg services/gateway` collects."""
    found = {
        message
        for _, _, message, _, _ in extract_from_dir(
            str(GATEWAY),
            method_map=[("**.py", "python"), ("**/templates/**.html", "jinja2")],
            options_map={"**/templates/**.html": {"newstyle_gettext": "true", "silent": "false"}},
            keywords={"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)},
        )
    }
    assert {"承诺并提交申请", "待确认办件", "确定，继续", "已超期 %(days)s 个工作日"} <= found
    assert len(found) > 300


def test_style_and_script_stay_within_their_budgets():
    """ui §1: 14 KB of style and 4 KB of script, packed."""
    style, script = assets.asset("app.css"), assets.asset("app.js")
    assert style is not None
    assert script is not None
    assert len(style.packed) <= 14 * 1024
    assert len(script.packed) <= 4 * 1024


def test_htmx_is_the_installed_package_and_only_where_it_is_agreed():
    """ui §1.2: search results, queue filters, notice preview, and lists that load more."""
    htmx = assets.asset("htmx.js")
    assert htmx is not None
    assert b"htmx" in htmx.content[:200]
    users = {path.name for path in TEMPLATES if "hx-" in path.read_text(encoding="utf-8")}
    assert users == {
        "access_log_rows.html",
        "step.html",
        "panel.html",
        "queue.html",
        "queue_list.html",
        "report_rows.html",
    }


def test_the_script_holds_no_text_for_people():
    script = re.sub(r"//.*", "", (GATEWAY / "static" / "app.js").read_text(encoding="utf-8"))
    assert not HAN.search(script)
