"""docs/skills.md, pasted into a shell as its readers do, on the demo company."""

import re
import shutil

import pytest

from tests.e2e.test_guide import paste

pytestmark = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash")


def test_every_command_of_it_does_what_it_says(demo):
    seen = paste(demo, "docs/skills.md")
    assert re.findall(r'"status":([45]\d\d),"detail":"([^"]+)"', seen) == []
    assert seen.count('"because":"most_trusted_within_window"') >= 2
    assert '"reason":"Its name is nearly the same."' not in seen  # went into `pick`
    assert re.search(r"(?im)^x-no-match: text", seen)
    assert re.search(r'"undone_at":"\d', seen)
    assert "Lace making" not in seen.partition("Crafts")[0]
    assert '"failed_musts":[{' in seen
    assert '"state":"exempt"' in seen
    assert re.search(r'"falls_below":\{"before":\d', seen)
    assert "none to spare" in seen or "3 needed" in seen
    assert "'state': 'done', 'progress': 1.0" in seen
    assert "eve@example.com" in seen
    assert '"state":"refused"' in seen
    assert re.search(r'"skill_name":"Terraform","state":"accepted"|"state":"accepted"', seen)
    for name in ("cv.html", "cv.pdf"):
        assert (demo.instance / name).stat().st_size > 2_000
