"""The guide and the README's first story, pasted into a shell as their readers do."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.product import ROOT, Product

pytestmark = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash")


def paste(product: Product, document: str, title: str = "") -> str:
    """Run a document's shell blocks (those below a title) in one shell; returns what the reader sees."""
    text = (ROOT / document).read_text(encoding="utf-8")
    below = text[text.index(title) :].partition("\n## ")[0] if title else text
    script = "\n".join(re.findall(r"^```sh$(.+?)^```$", below, re.MULTILINE | re.DOTALL))
    script = script.replace(":5000", f":{product.port}").replace(":8025", f":{product.mail_port}")
    script = script.replace("instance/", f"{product.instance}/").replace(
        ".venv/bin/", f"{Path(sys.executable).parent}/"
    )
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT, env=product.environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_the_readme_tells_what_happens(shared_product):
    seen = paste(shared_product, "README.md", "## A first story")
    assert '"email":"ada@example.com"' in seen
    assert not re.search(r'"status":[45]', seen)


def test_the_guide_tells_what_happens_after_it(shared_product):
    seen = paste(shared_product, "docs/guide.md")
    assert '"full_name":"Ada Lovelace"' in seen
    assert '"status":"expiring"' in seen
    assert re.search(r"First aid expires on .+, in 20 days", seen)
    assert "mail     none, gate unwanted" in seen
    assert re.search(r'"dry_run":true,"added":0,"changed":0,"unchanged":[1-9]', seen)
    assert '"tracking":false,"prediction":false' in seen
    refused = re.findall(r'"status":([45]\d\d),"detail":"([^"]+)"', seen)
    assert [status for status, _ in refused] == ["409", "412"]
    assert refused[0][1] == "This address already has an account."
