"""Invented evidence, as the finders give it: to look at every kind of mail where nothing has happened yet."""

from datetime import date, timedelta
from typing import Any

from smartskill.engagement.services.wording.sentences import Part


def sample_parts(kind: str, today: date) -> list[Part]:
    """What a mail of a kind could carry on a day."""
    if kind == "digest":
        return [part for one in ("endorsed", "skill_stale", "role_gap") for part in sample_parts(one, today)]
    return [(kind, SAMPLES[kind](today))]


def _expiring(today: date) -> dict[str, Any]:
    last = (today + timedelta(days=20)).isoformat()
    facts = {"qualification_id": 1, "title": "First Aid certificate", "issuer": "Red Cross"}
    return facts | {"rung": "30", "audience": "holder", "expires_on": last}


def _review(today: date) -> dict[str, Any]:
    facts = {"qualification_id": 2, "title": "Forklift licence", "issuer": None, "version": 2}
    submitted = (today - timedelta(days=1)).isoformat()
    return facts | {"holder_id": 3, "holder_name": "Ada Example", "submitted_on": submitted}


def _welcome(today: date) -> dict[str, Any]:
    return {"missing": ["skills", "experience", "qualifications"]}


def _endorsed(today: date) -> dict[str, Any]:
    facts = {"id": 1, "skill_id": 1, "skill_name": "Python", "endorser_name": "Ada Example"}
    return {"endorsements": [facts | {"on": today.isoformat()}]}


def _stale(today: date) -> dict[str, Any]:
    skills = [
        {"skill_id": 1, "skill_name": "Python", "level": 4, "last_confirmed_on": str(today - timedelta(days=400))},
        {"skill_id": 2, "skill_name": "SQL", "level": 3, "last_confirmed_on": str(today - timedelta(days=420))},
    ]
    return {"skills": skills, "total": 4}


def _needed(today: date) -> dict[str, Any]:
    team = {"name": "Platform", "level": 3, "wanted": 3, "held": 1}
    return {
        "needs": [
            {"skill_id": 3, "skill_name": "Kafka", "level": 4, "seekers": 5, "team": team},
            {"skill_id": 2, "skill_name": "SQL", "level": 3, "seekers": 3, "team": None},
        ]
    }


def _role_gap(today: date) -> dict[str, Any]:
    mentor = {"user_id": 4, "name": "Ben Example", "level": 5}
    gaps = [
        {"skill_id": 3, "skill_name": "Kafka", "held": 2, "required": 4, "must": True, "mentor": mentor},
        {"skill_id": 5, "skill_name": "Terraform", "held": None, "required": 2, "must": False, "mentor": None},
    ]
    return {"gaps": gaps, "total": 3, "role_id": 1, "role_name": "Data engineer", "readiness": 0.72}


def _recommended(today: date) -> dict[str, Any]:
    skill = {
        "skill_id": 3, "skill_name": "Kafka", "level": 2, "next_level": 3, "readiness_gained": 0.08,
        "team_coverage_gained": 0.5, "interest": 4, "score": 0.81, "role_name": "Data engineer",
        "team": {"name": "Platform", "gained": 0.5},
    }  # fmt: skip
    return {"skills": [skill]}


SAMPLES = {
    "qualification_expiring": _expiring,
    "review_pending": _review,
    "welcome": _welcome,
    "endorsed": _endorsed,
    "skill_stale": _stale,
    "team_need": _needed,
    "role_gap": _role_gap,
    "skill_recommended": _recommended,
}
