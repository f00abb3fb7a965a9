"""What I want to hear, and when."""

from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.transaction import commit
from smartskill.notifications.schemas import PreferencesSchema
from smartskill.notifications.services.preferences import get_preferences, set_preferences
from smartskill.notifications.services.texts import language_of

blp = Blueprint(
    "preferences", __name__, url_prefix="/api/notifications/preferences", description="What I want to hear, and when."
)


@blp.route("/")
class Preferences(MethodView):
    @blp.login_required()
    @blp.response(200, PreferencesSchema)
    @blp.doc(operationId="getPreferences")
    def get(self):
        """Read my preferences"""
        me = current_user()
        return get_preferences(me.id, language_of(me.locale))

    @blp.login_required()
    @blp.arguments(PreferencesSchema)
    @blp.response(200, PreferencesSchema)
    @blp.doc(operationId="replacePreferences")
    def put(self, data):
        """Replace my preferences

        The whole: what is left out gets its default, a kind that is left out is wanted. Mail that waits and is no
        longer wanted does not go.
        """
        me = current_user()
        set_preferences(me.id, data)
        commit()
        return get_preferences(me.id, language_of(me.locale))
