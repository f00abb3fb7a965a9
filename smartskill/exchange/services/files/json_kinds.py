"""What a JSON file is that is no résumé: a posting of a job, many of them, a schema.

A résumé keeps what it does not know, so that any of these would come in as one that says nothing.
"""

from typing import Any

from smartskill.exchange.services.resume.standard import ORDER

OF_A_PERSON = ("basics", "work", "education", "volunteer", "certificates", "projects")
OF_A_JOB = ("company", "responsibilities", "qualifications", "salary", "remote")
SAYS_NOTHING = ("$schema", "meta")


def strange_kind(document: Any) -> str | None:
    """What a document is instead of a résumé, as the end of a sentence; None where it may be one."""
    if isinstance(document, list):
        if document and all(isinstance(one, dict) and _is_posting(one) for one in document):
            return f"a list of {len(document):,} job postings"
        return "a list, and a JSON Resume is an object"
    if not isinstance(document, dict):
        return "a single value, and a JSON Resume is an object"
    if isinstance(document.get("properties"), dict) and "json-schema.org" in str(document.get("$schema")):
        return "a JSON Schema"
    if _is_posting(document):
        return "a job posting"
    if not any(section in document for section in ORDER if section not in SAYS_NOTHING):
        return "JSON of another kind: it has none of the sections of a JSON Resume"
    return None


def _is_posting(document: dict[str, Any]) -> bool:
    """It has a title, and what only jobs have, and nothing that only people have."""
    is_of_job = "title" in document and any(key in document for key in OF_A_JOB)
    return is_of_job and not any(key in document for key in OF_A_PERSON)
