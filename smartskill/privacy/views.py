"""One's own data over HTTP. There is no address for anybody else's."""

from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.transaction import commit
from smartskill.privacy.schemas import ErasedSchema, ErasureQuery, ErasureSchema, PersonalDataSchema
from smartskill.privacy.services.data import collect_data, erase_data

privacy = Blueprint("privacy", __name__, url_prefix="/api/users/me", description="One's own data, whole.")
blueprints = (privacy,)


@privacy.route("/data")
class MyData(MethodView):
    @privacy.login_required()
    @privacy.response(200, PersonalDataSchema)
    @privacy.doc(operationId="getMyData")
    def get(self):
        """Read everything that is stored about oneself"""
        return collect_data(current_user())

    @privacy.login_required()
    @privacy.arguments(ErasureQuery, location="query")
    @privacy.arguments(ErasureSchema)
    @privacy.response(200, ErasedSchema)
    @privacy.doc(operationId="eraseMyData")
    def delete(self, query, data):
        """Erase everything that is stored about oneself, or what was learned

        With the password. `everything` deletes the account at once and for good; ratings given to others stay, without
        a name.
        """
        erased = erase_data(current_user(), data["password"], query["scope"])
        commit()
        return {"scope": query["scope"], "erased": erased}
