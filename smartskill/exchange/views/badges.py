"""Open Badges over HTTP: handed in by their holders, checked in the background; the list of issuers is HR's."""

from flask import request, url_for
from flask.views import MethodView

from smartskill.exchange.schemas.badges import (
    BadgeIssuerQuery,
    BadgeIssuerSchema,
    BadgeQuery,
    BadgeSchema,
    BadgeUploadSchema,
)
from smartskill.exchange.services.badges.handing_in import (
    check_again,
    get_badge,
    hand_in_badge,
    search_badges,
    take_back_badge,
)
from smartskill.exchange.services.badges.issuers import (
    change_issuer,
    drop_issuer,
    get_issuer,
    list_issuer,
    search_issuers,
)
from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.errors import Invalid
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit

LOCATION = {"Location": {"description": "Where the check can be followed.", "schema": {"type": "string"}}}
badges = Blueprint("badges", __name__, url_prefix="/api/qualification/badges", description="Open Badges 3.0.")
issuers = Blueprint(
    "badge_issuers",
    __name__,
    url_prefix="/api/qualification/badge-issuers",
    description="Issuers whose badges count as proof.",
)


@badges.route("/")
class Badges(MethodView):
    @badges.login_required()
    @badges.arguments(BadgeQuery, location="query")
    @badges.listing(BadgeSchema)
    @badges.doc(operationId="listBadges")
    def get(self, query):
        """List the badges I handed in"""
        return page_of(search_badges(current_user()), query)

    @badges.login_required()
    @badges.arguments(BadgeUploadSchema, location="files")
    @badges.response(202, BadgeSchema, headers=LOCATION)
    @badges.doc(operationId="handInBadge")
    def post(self, files):
        """Hand in an Open Badge

        A JWT, a JSON-LD document, or a PNG or SVG with one baked in, of a mebibyte at most. Signature, dates, status
        and holder are checked in the background; a genuine one fills in a qualification.
        """
        if request.form or len(request.files.getlist("file")) > 1:
            raise Invalid.field("file", "Give one file and nothing else.")
        row = hand_in_badge(current_user(), files["file"].read())
        commit()
        return row, 202, {"Location": url_for(".Badge", badge_id=row.id)}


@badges.route("/<id:badge_id>")
class Badge(MethodView):
    @badges.login_required()
    @badges.response(200, BadgeSchema)
    @badges.doc(operationId="getBadge")
    def get(self, badge_id):
        """Read what checking a badge came to"""
        return get_badge(badge_id, current_user())

    @badges.login_required()
    @badges.response(200, BadgeSchema)
    @badges.doc(operationId="deleteBadge")
    def delete(self, badge_id):
        """Take a badge back

        The qualification that it filled in stays.
        """
        row = take_back_badge(get_badge(badge_id, current_user(), is_locked=True))
        commit()
        return row


@badges.route("/<id:badge_id>/check")
class BadgeCheck(MethodView):
    @badges.login_required()
    @badges.response(202, BadgeSchema, headers=LOCATION)
    @badges.doc(operationId="checkBadge")
    def post(self, badge_id):
        """Check a badge again

        After HR listed its issuer, say.
        """
        row = check_again(get_badge(badge_id, current_user(), is_locked=True))
        commit()
        return row, 202, {"Location": url_for(".Badge", badge_id=row.id)}


@issuers.route("/")
class BadgeIssuers(MethodView):
    @issuers.login_required()
    @issuers.arguments(BadgeIssuerQuery, location="query")
    @issuers.listing(BadgeIssuerSchema)
    @issuers.doc(operationId="listBadgeIssuers")
    def get(self, query):
        """List the issuers whose badges count"""
        return page_of(search_issuers(query), query)

    @issuers.login_required(role="hr")
    @issuers.arguments(BadgeIssuerSchema)
    @issuers.response(200, BadgeIssuerSchema, etag=True, created=True)
    @issuers.doc(operationId="createBadgeIssuer")
    def post(self, data):
        """List an issuer

        Its badges are verified in the name of whoever lists it.
        """
        row = list_issuer(data, current_user())
        commit()
        return row, 200, {"Location": url_for(".BadgeIssuer", issuer_id=row.id)}


@issuers.route("/<id:issuer_id>")
class BadgeIssuer(MethodView):
    @issuers.login_required()
    @issuers.response(200, BadgeIssuerSchema, etag=True)
    @issuers.doc(operationId="getBadgeIssuer")
    def get(self, issuer_id):
        """Read a listed issuer"""
        return get_issuer(issuer_id)

    @issuers.login_required(role="hr")
    @issuers.arguments(BadgeIssuerSchema)
    @issuers.response(200, BadgeIssuerSchema, etag=True)
    @issuers.doc(operationId="replaceBadgeIssuer")
    def put(self, data, issuer_id):
        """Change a listed issuer"""
        row = get_issuer(issuer_id, is_locked=True)
        check_if_match(row)
        change_issuer(row, data)
        commit()
        return row

    @issuers.login_required(role="hr")
    @issuers.response(200, BadgeIssuerSchema, etag=True)
    @issuers.doc(operationId="deleteBadgeIssuer")
    def delete(self, issuer_id):
        """Trust an issuer no longer

        What it vouched for keeps its review until HR revokes it.
        """
        row = get_issuer(issuer_id, is_locked=True)
        check_if_match(row)
        drop_issuer(row)
        commit()
        return row
