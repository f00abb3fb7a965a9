"""The CV to read and to print, over HTTP."""

from io import BytesIO

from flask import current_app, send_file
from flask.views import MethodView

from smartskill.database import now
from smartskill.exchange.schemas.cv import CvQuery
from smartskill.exchange.services.cv.arranging import arrange_cv
from smartskill.exchange.services.cv.drawing import HEADERS, draw_html, draw_pdf
from smartskill.exchange.services.resume.exporting import make_resume
from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.notifications.services.texts import language_of
from smartskill.user.services.accounts import get_user

PDF = "application/pdf"
cv = Blueprint("cv", __name__, url_prefix="/api/users", description="CVs to read and to print.")


def _arranged(user_id, query):
    me = current_user()
    language = query.get("language") or language_of(me.locale)
    return arrange_cv(make_resume(get_user(user_id, me), me), language, now().date())


@cv.route("/<user:user_id>/resume.html")
class CvPage(MethodView):
    @cv.login_required(produces="text/html")
    @cv.arguments(CvQuery, location="query")
    @cv.response(200, {"type": "string"}, content_type="text/html")
    @cv.doc(operationId="getResumePage")
    def get(self, query, user_id):
        """Read a CV as a page

        What the JSON Resume shows the caller, to read on a screen and to print; no script, nothing from elsewhere.
        """
        page = draw_html(_arranged(user_id, query))
        return current_app.response_class(page, mimetype="text/html", headers=HEADERS)


@cv.route("/<user:user_id>/resume.pdf")
class CvPdf(MethodView):
    @cv.login_required(produces=PDF)
    @cv.arguments(CvQuery, location="query")
    @cv.response(200, {"type": "string", "format": "binary"}, content_type=PDF)
    @cv.doc(operationId="getResumePdf")
    def get(self, query, user_id):
        """Read a CV as PDF

        The same to print, on A4: tagged, titled, its text selectable.
        """
        found = _arranged(user_id, query)
        content = BytesIO(draw_pdf(found, now()))
        response = send_file(content, mimetype=PDF, download_name=f"{found['title'][:120]}.pdf", max_age=0)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response
