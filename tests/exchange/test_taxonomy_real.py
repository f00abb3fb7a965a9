"""ESCO and O*NET as they are published; skipped where the data are not beside the project."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from smartskill.exchange.services.taxonomy.entries import TaxonomyUnreadable
from smartskill.exchange.services.taxonomy.plan import summary
from smartskill.exchange.services.taxonomy.sources import SOURCES, import_taxonomy
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillCategory
from tests.factories import make_user, sign_in

DATA = Path(__file__).parents[2].resolve().parent / "shared" / "data" / "taxonomy"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the taxonomies are not at {DATA}")
HOLD_NONE = (
    "occupation", "ISCO", "broader", "skillGroups", "skillsHierarchy", "skillSkill", "job_zones", "scales_", "level_",
    "content_",
)  # fmt: skip
ESCO, ONET = DATA / "esco-v1.1.1-en", DATA / "onet-29.3-part"


def load(source: str, path: Path, **more) -> dict[str, int]:
    return {kind: number for kind, number in summary(import_taxonomy(source, path, **more)).items() if number}


FILES = sorted(path for path in DATA.glob("*/*") if path.suffix in (".csv", ".tsv", ".xz", ".json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_is_read_or_named_for_what_it_holds(path):
    source = SOURCES[path.parent.name.partition("-")[0]]
    if path.name.startswith(HOLD_NONE):
        with pytest.raises(TaxonomyUnreadable, match=f"{path.name} holds no skills but "):
            source.read(path, [])
    else:
        found = source.read(path, [])
        assert len(found.entries) >= 26
        assert found.refused == []


def test_the_french_edition_names_the_skills_of_the_english(app, client):
    load("esco", ESCO, only=["digital", "transversal"])
    # 131 have the same name in both languages, like Haskell
    assert load("esco", DATA / "esco-v1.1.1-fr") == {"read": 1_290, "changed": 1_159, "unchanged": 131}
    assert load("esco", DATA / "esco-v1.1.1-fr") == {"read": 1_290, "unchanged": 1_290}
    headers = sign_in(make_user())
    found = client.get("/api/skills/", query_string={"q": "développement par incréments"}, headers=headers).json
    assert found[0]["name"] == "Incremental development"


def test_esco_and_onet_are_imported_kept_apart_found_and_known_again(app, client):
    assert load("esco", ESCO) == {"read": 13_896, "added": 13_896}
    assert db.session.scalar(select(func.count(func.distinct(Skill.external_uri)))) == 13_896
    assert load("esco", ESCO) == {"read": 13_896, "unchanged": 13_896}
    assert load("esco", ESCO, only=["digital"]) == {"read": 1_201, "unchanged": 1_201}
    assert load("onet", ONET) == {"read": 6_428, "added": 6_384, "adopted": 44}
    assert load("onet", ONET) == {"read": 6_428, "unchanged": 6_428}
    assert load("linguist", DATA / "linguist-9.5.0")["adopted"] > 50
    assert db.session.scalar(select(func.count()).where(Skill.category_id.is_(None))) == 0
    own = select(func.count()).select_from(SkillAlias).join(Skill, Skill.id == SkillAlias.skill_id)
    assert db.session.scalar(own.where(func.lower(SkillAlias.name) == func.lower(Skill.name))) == 0
    roots = db.session.scalars(select(SkillCategory.name).where(SkillCategory.parent_id.is_(None)))
    assert {"ESCO", "O*NET"} <= set(roots)

    headers = sign_in(make_user())
    for words, first in {
        "manage musical staff": "manage musical staff",
        "javscript": "JavaScript",
        "postgres": "PostgreSQL",
        "project managment": "project management",
        "ms excel": "Microsoft Excel",
    }.items():
        assert client.get("/api/skills/", query_string={"q": words}, headers=headers).json[0]["name"] == first
    sources = {row["key"]: row for row in client.get("/api/skills/sources/", headers=headers).json}
    assert "European Commission" in sources["esco"]["attribution"]
    assert "USDOL/ETA" in sources["onet"]["attribution"]
