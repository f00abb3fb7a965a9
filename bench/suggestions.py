"""Skills suggested from words and company, beside plain popularity: precision at 5, recall at 10, with 95 % intervals.

`beyond popularity` is the mean of the differences case by case, with its own interval: it beats popularity where that
interval is above 0. An argument gives the seed by which half of a posting's skills is hidden.

Two tests on published data, nothing of which the suggester was fitted to:

- *postings*: of each of 100 real job postings half the skills are hidden; the other half and the title are given, and
  what goes together is learned from the other 99. It shows what co-occurrence is worth, not what texts are.
- *résumés*: skills and keywords are hidden, jobs and projects given as text; the catalogue is every skill of all of them
  and of the demo's. Few people: it shows that words are found, hardly how often.
"""

import json
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from bench.stack import ROOT, print_table
from ml.suggesting.catalogue import Catalogue
from ml.suggesting.suggest import Suggester, suggest_popular

DATA = ROOT.parent / "shared" / "data" / "resumes"
FEWEST = 4  # skills of a posting from which half can be hidden
SEED, DRAWS = 7, 2_000
Case = tuple[list[str], set[int], set[int], list[list[int]]]  # texts, held, hidden, what others have


def run(arguments: list[str]) -> dict[str, Any]:
    """Run both tests and print a row for each voice."""
    if not DATA.exists():
        sys.exit(f"The data are not there: {DATA}")
    seed = int(arguments[0]) if arguments else SEED
    rows = [*_judge("postings", *_postings(seed)), *_judge("résumés", *_resumes())]
    print_table(rows)
    return {"bench": "suggestions", "seed": seed, "rows": rows}


def _postings(seed: int) -> tuple[Catalogue, list[Case]]:
    postings = json.loads((DATA / "jsonresume" / "job-postings-skills-100.json").read_text(encoding="utf-8"))
    lists = [[skill["name"] for skill in posting["skills"]] for posting in postings]
    catalogue, places = _catalogue({name for names in lists for name in names})
    has = [sorted({places[name.lower()] for name in names}) for names in lists]
    cases: list[Case] = []
    for number, (posting, mine) in enumerate(zip(postings, has, strict=True)):
        if len(mine) >= FEWEST:
            hidden = set(Random(seed + number).sample(mine, len(mine) // 2))
            others = [skills for other, skills in enumerate(has) if other != number]
            cases.append(([posting["title"]], set(mine) - hidden, hidden, others))
    return catalogue, cases


def _resumes() -> tuple[Catalogue, list[Case]]:
    files = [*(DATA / "jsonresume").glob("*.json"), *(DATA / "fresh-jrs").glob("*.json")]
    read = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(files)]
    people = [document for document in read if isinstance(document, dict) and document.get("work")]
    lists = [_skills_of(document) for document in people]
    tables = tomllib.loads((_demo() / "catalogue.toml").read_text(encoding="utf-8"))
    demo = {name for skills in tables.values() for name in skills}
    catalogue, places = _catalogue({name for names in lists for name in names} | demo)
    has = [sorted({places[name.lower()] for name in names}) for names in lists]
    cases = [
        (
            _texts_of(document),
            set(),
            set(mine),
            [skills for other, skills in zip(people, has, strict=True) if _name(other) != _name(document)],
        )
        for document, mine in zip(people, has, strict=True)
        if mine
    ]
    return catalogue, cases


def _name(document: dict[str, Any]) -> str:
    """Whose résumé it is: several files are of the same person, who must not teach about themselves."""
    return str(document["basics"].get("name")).lower()


def _demo() -> Path:
    return next(path.parent for path in (ROOT / "smartskill" / "commands" / "demo").rglob("catalogue.toml"))


def _skills_of(document: dict[str, Any]) -> list[str]:
    skills = document.get("skills") or []
    return [name for one in skills for name in [one.get("name"), *(one.get("keywords") or [])] if name]


def _texts_of(document: dict[str, Any]) -> list[str]:
    entries = [*(document.get("work") or []), *(document.get("projects") or [])]
    keys = ("position", "name", "summary", "description")
    return [
        "\n".join([str(entry.get(key) or "") for key in keys] + [str(line) for line in entry.get("highlights") or []])
        for entry in entries
    ]


def _catalogue(names: set[str]) -> tuple[Catalogue, dict[str, int]]:
    kept = {name.lower(): name for name in sorted(names, reverse=True)}
    ordered = [kept[key] for key in sorted(kept)]
    places = {key: place for place, key in enumerate(sorted(kept))}
    return Catalogue(list(range(len(ordered))), [[name] for name in ordered], [""] * len(ordered)), places


def _judge(test: str, catalogue: Catalogue, cases: Sequence[Case]) -> list[dict[str, Any]]:
    answers: dict[str, Callable[[Suggester, Case], list[int]]] = {
        "all voices": lambda made, case: [one.place for one in made.suggest(case[0], case[1], 10)],
        "words alone": lambda made, case: [
            one.place for one in made.suggest(case[0], case[1], 50) if set(one.voices) - {"goes_with", "common"}
        ][:10],
        "popularity": lambda made, case: suggest_popular(made.together, case[1], 10),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in answers}
    for case in cases:
        made = Suggester(catalogue, case[3])
        for name, answer in answers.items():
            places, hidden = answer(made, case), case[2]
            hits = [place in hidden for place in places]
            found[name].append((sum(hits[:5]) / 5, sum(hits[:10]) / min(len(hidden), 10)))
    values = {name: np.array(pairs) for name, pairs in found.items()}
    values["beyond popularity"] = values["all voices"] - values["popularity"]
    return [{"test": test, "cases": len(cases), "voice": name, **_figures(pairs)} for name, pairs in values.items()]


def _figures(values: np.ndarray) -> dict[str, str]:
    draw = np.random.default_rng(SEED)
    means = values[draw.integers(0, len(values), (DRAWS, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return {
        name: f"{values[:, column].mean():.3f} ({low[column]:.3f} – {high[column]:.3f})"
        for column, name in enumerate(("precision@5", "recall@10"))
    }
