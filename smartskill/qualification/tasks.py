"""Jobs of qualifications."""

from smartskill.qualification.services.files import sweep_strays


def sweep_evidence() -> int:
    """Delete files of evidence that a crash or an erased account left behind; answers how many."""
    return sweep_strays()
