"""The review of a qualification: draft → submitted → verified or rejected, and verified → revoked.

What it verifies shows the skills of its type from then on; what it revokes never did.
"""

from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid
from smartskill.qualification.models import DEAD, Qualification
from smartskill.qualification.services.granting import settle_grants
from smartskill.qualification.services.renewing import close_over
from smartskill.user.models import User

STEPS = {  # decision: (from which states, to which)
    "submit": (("draft", "rejected"), "submitted"),
    "verify": (("submitted",), "verified"),
    "reject": (("submitted",), "rejected"),
    "revoke": (("verified",), "revoked"),
}
NEED_A_NOTE = ("reject", "revoke")


class NotInThatState(Conflict):
    """The qualification is not in a state for this decision."""


def review(row: Qualification, decision: str, note: str | None, *, by: User) -> Qualification:
    """Take a step of the review; whether `by` may is the policy's question.

    Raises:
        Invalid: it is rejected or revoked without a word why.
        NotInThatState: the step does not start where the qualification stands.
    """
    if decision in NEED_A_NOTE and not note:
        raise Invalid.field("note", f"Say why, to {decision}.")
    starts, end = STEPS[decision]
    if row.review_state not in starts:
        raise NotInThatState(f"To {decision} it must be {' or '.join(starts)}; it is {row.review_state}.")
    row.review_state = end
    row.review_note = note
    if decision == "submit":
        row.submitted_at, row.reviewed_by_id, row.reviewed_at = now(), None, None
    else:
        row.reviewed_by_id, row.reviewed_at = by.id, now()
    db.session.flush()
    if "verified" in (end, *starts):
        settle_grants(row.user_id)
    if end in DEAD:
        close_over(row)
    record(by.id, "qualification_reviewed", subject_type="qualification", subject_id=row.id, props={"outcome": end})
    return row
