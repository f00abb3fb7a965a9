"""The evidence behind a level over HTTP."""

from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.planning.schemas.evidence import LevelEvidenceSchema
from smartskill.planning.services.evidence import describe_evidence
from smartskill.user.services.accounts import get_user

evidence = Blueprint(
    "level_evidence", __name__, url_prefix="/api/users", description="What stands behind a person's level."
)


@evidence.route("/<user:user_id>/skills/<id:skill_id>/evidence")
class LevelEvidence(MethodView):
    @evidence.login_required()
    @evidence.response(200, LevelEvidenceSchema)
    @evidence.doc(operationId="getLevelEvidence")
    def get(self, user_id, skill_id):
        """Read what stands behind a level

        Which rating decides it and why, what each rater adds to the confidence, endorsements, linked experience,
        certificates. Colleagues see of it what is not private: no ratings and no certificates. At most 100 of each.
        """
        me = current_user()
        return describe_evidence(get_user(user_id, me).id, skill_id, me)
