"""A JSON Resume into a profile: read whole, compared whole, then written whole or not at all.

An entry that is there already changes only what it says otherwise, so the same document twice changes nothing.
Replacing also removes what the CV would show and the document does not have, except what HR verified. Levels are never
removed: a rating is a fact, and a CV without it does not take it back.
"""

from typing import Any

from sqlalchemy import select

from smartskill.activity.services.recording import record
from smartskill.exchange.models import ResumeRemainder
from smartskill.exchange.services.resume.certificates import plan_certificates
from smartskill.exchange.services.resume.experience import plan_experience
from smartskill.exchange.services.resume.levels import plan_levels
from smartskill.exchange.services.resume.reading import HOMES, read_certificate, read_experience, read_section, said
from smartskill.exchange.services.resume.remainder import merged_sections
from smartskill.exchange.services.resume.standard import MAX_ERRORS, is_blank, schema_errors, shape_errors, text_errors
from smartskill.exchange.services.resume.steps import Plan, Step
from smartskill.extensions import db
from smartskill.kit.errors import Forbidden, Invalid
from smartskill.user.models import User

ENTRY_BY_ENTRY = {*HOMES, "certificates", "skills"}


class NotYourResume(Forbidden):
    """Only its owner writes a CV."""


def require_owner(owner: User, me: User) -> None:
    """Raises: NotYourResume."""
    if owner.id != me.id:
        raise NotYourResume()


def import_resume(
    owner: User,
    document: dict[str, Any],
    *,
    is_replacing: bool = False,
    is_dry_run: bool = False,
    is_strict: bool = False,
    source: str = "self",
) -> dict[str, Any]:
    """Bring a JSON Resume into a person's profile; answers what was, or would be, done with each entry.

    Args:
        is_strict: refuse what the standard's schema refuses; else a null or empty `endDate` is "current".
        source: of the ratings: `self`, or `import` where another brings the file in.
    Raises:
        Invalid: something is wrong; each entry is named (`work.0.endDate`). A dry run reports it instead.
    """
    plan = plan_resume(owner, document, is_replacing=is_replacing, is_strict=is_strict, source=source)
    if plan.errors and not is_dry_run:
        raise Invalid(errors=plan.errors)
    if not is_dry_run:
        plan.take()
        db.session.flush()
        record(owner.id, "resume_imported", source="api" if source == "self" else "system")
    return plan.report(is_dry_run=is_dry_run)


def plan_resume(owner: User, document: dict[str, Any], *, is_replacing: bool, is_strict: bool, source: str) -> Plan:
    """Compare a document with the profile, which stays locked for other imports until the transaction ends."""
    db.session.execute(select(User.id).where(User.id == owner.id).with_for_update(key_share=True))
    plan = Plan(errors=shape_errors(document) or text_errors(document))
    if plan.errors:
        return plan
    plan.errors |= schema_errors(document) if is_strict else {}
    jobs = {section: read_section(document, section, read_experience, plan.errors) for section in HOMES}
    certificates = read_section(document, "certificates", read_certificate, plan.errors)
    if plan.errors:
        plan.errors = dict(list(plan.errors.items())[:MAX_ERRORS])
        return plan
    for section, readings in jobs.items():
        plan.steps += plan_experience(owner, section, readings, is_replacing=is_replacing)
    plan.steps += plan_certificates(owner, certificates, is_replacing=is_replacing)
    plan.steps += plan_levels(owner, document.get("skills") or [], source=source)
    kept = {
        section: [said(reading.entry) for reading in readings if reading.kept_because]
        for section, readings in {**jobs, "certificates": certificates}.items()
    }
    plan_remainder(plan, owner, document, kept, is_replacing=is_replacing)
    return plan


def plan_remainder(
    plan: Plan, owner: User, document: dict[str, Any], kept: dict[str, list], *, is_replacing: bool
) -> None:
    """Keep the sections without a home; each is one step."""
    row = db.session.get(ResumeRemainder, owner.id)
    old = dict(row.sections) if row else {}
    new = merged_sections(old, document, kept, owner, is_replacing=is_replacing)
    plan.steps += [
        Step(key, _lot(old.get(key), new.get(key)))
        for key in dict.fromkeys([*document, *old])
        if key not in ENTRY_BY_ENTRY and (key in old or not is_blank(document.get(key)))
    ]

    def keep() -> None:
        if row is None and new:
            db.session.add(ResumeRemainder(user_id=owner.id, sections=new))
        elif row is not None and new:
            row.sections = new
        elif row is not None:
            db.session.delete(row)

    if new != old:
        plan.finish = keep


def _lot(old: Any, new: Any) -> str:
    if old == new:
        return "unchanged"
    if old is None:
        return "added"
    return "changed" if new is not None else "removed"
