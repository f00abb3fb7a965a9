"""A small feature for the tests of the kit: "things" are teams, because those are versioned and have a unique name."""

import time

from flask import make_response, request, url_for
from flask.views import MethodView
from flask_smorest.fields import Upload
from marshmallow import fields, validate
from sqlalchemy import select, text

from smartskill.extensions import db, limiter
from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.errors import Conflict, NotFound
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import ordered, page_of
from smartskill.kit.schemas import (
    Boolean,
    Date,
    Float,
    Id,
    Integer,
    ListQuery,
    Nested,
    PartialDateField,
    Schema,
    Sort,
    String,
    UtcDateTime,
)
from smartskill.kit.transaction import commit
from smartskill.user.models import Team

blp = Blueprint("things", __name__, url_prefix="/api/things", description="Things.")


class PartSchema(Schema):
    """A part of a thing."""

    level = Integer(1, 5, required=True)


class ThingSchema(Schema):
    """A thing."""

    id = Id(dump_only=True)
    name = String(50, required=True, metadata={"example": "Platform"})


class WideSchema(Schema):
    """One field of each kind."""

    text = String(20)
    blank = String(20, blank=True)
    whole = Integer(0, 10)
    share = Float(0, 1)
    flag = Boolean()
    day = Date()
    instant = UtcDateTime()
    start = PartialDateField()
    organisation = String(20)
    made_at = UtcDateTime(dump_only=True)
    parts = fields.List(Nested(PartSchema), validate=validate.Length(max=10))


class ThingQuery(ListQuery):
    """How things are listed."""

    q = String(50)
    ids = fields.List(Id(), validate=validate.Length(max=10))
    sort = Sort("name", "id", default="name")


class UploadSchema(Schema):
    """A file to send."""

    file = Upload(required=True)


class Odd(Exception):
    """What nobody foresaw."""


@blp.route("/")
class Things(MethodView):
    """All of them."""

    @blp.login_required()
    @blp.arguments(ThingQuery, location="query")
    @blp.listing(ThingSchema)
    @blp.doc(operationId="listThings")
    def get(self, query):
        """List things"""
        return page_of(ordered(select(Team), query["sort"], {"name": Team.name, "id": Team.id}, Team.id), query)

    @blp.login_required()
    @blp.arguments(ThingSchema)
    @blp.response(200, ThingSchema, etag=True, created=True)
    @blp.doc(operationId="createThing")
    def post(self, data):
        """Create a thing"""
        team = Team(**data)
        db.session.add(team)
        db.session.flush()
        time.sleep(0.05)  # room for a race
        commit()
        return team, 200, {"Location": url_for(".Thing", thing_id=team.id)}


@blp.route("/<id:thing_id>")
class Thing(MethodView):
    """One of them."""

    @blp.login_required()
    @blp.response(200, ThingSchema, etag=True)
    @blp.doc(operationId="getThing")
    def get(self, thing_id):
        """Read a thing"""
        return found(thing_id)

    @blp.login_required()
    @blp.arguments(ThingSchema)
    @blp.response(200, ThingSchema, etag=True)
    @blp.doc(operationId="replaceThing")
    def put(self, data, thing_id):
        """Replace a thing"""
        team = found(thing_id, locked=True)
        check_if_match(team)
        team.name = data["name"]
        time.sleep(0.02)
        commit()
        return team

    @blp.login_required("hr")
    @blp.response(200, ThingSchema, etag=True)
    @blp.doc(operationId="deleteThing")
    def delete(self, thing_id):
        """Delete a thing"""
        team = found(thing_id, locked=True)
        check_if_match(team)
        db.session.delete(team)
        commit()
        return team


def found(thing_id, locked=False):
    team = db.session.get(Team, thing_id, with_for_update=locked or None, populate_existing=True)
    if team is None:
        raise NotFound()
    return team


@blp.route("/wide")
class Wide(MethodView):
    """Strictness of each field."""

    @blp.public(is_idempotent=True)
    @blp.arguments(WideSchema)
    @blp.response(200, WideSchema)
    @blp.doc(operationId="echo")
    def post(self, data):
        """Echo"""
        return data


@blp.route("/upload")
class Uploads(MethodView):
    """A file."""

    @blp.login_required()
    @blp.arguments(UploadSchema, location="files")
    @blp.response(200)
    @blp.doc(operationId="upload")
    def post(self, files):
        """Upload"""
        return {"bytes": len(files["file"].read()), "by": current_user().id, "at": time.time_ns()}


@blp.route("/broken/<any(odd, killed, refused, full, duplicate):how>")
class Broken(MethodView):
    """What can go wrong."""

    @blp.public()
    @blp.response(200)
    @blp.doc(operationId="fail")
    def get(self, how):
        """Fail"""
        return getattr(self, how)()

    def odd(self):
        raise Odd("secret detail")

    def killed(self):
        """The database ends our connection."""
        db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    def refused(self):
        """The schema let through what the column does not take."""
        db.session.execute(text("INSERT INTO teams (name) VALUES (repeat('x', 1000))"))

    def full(self):
        """The database gives up on a statement."""
        db.session.execute(text("SET LOCAL statement_timeout = 20"))
        db.session.execute(text("SELECT pg_sleep(5)"))

    def duplicate(self):
        for _ in range(2):
            db.session.add(Team(name="Twice"))
            db.session.flush()


@blp.route("/limited")
class Limited(MethodView):
    """Twice a minute."""

    @blp.public()
    @blp.response(200)
    @blp.doc(operationId="limited")
    def get(self):
        """Ask"""
        return _count()


@limiter.limit("2 per minute")
def _count():
    return make_response("{}", 200, {"Content-Type": "application/json"})


@blp.route("/table")
class Table(MethodView):
    """Something that is not JSON."""

    @blp.public(produces="text/csv")
    @blp.response(200, content_type="text/csv")
    @blp.doc(operationId="table")
    def get(self):
        """Download"""
        return make_response("a,b\n", 200, {"Content-Type": "text/csv"})


@blp.route("/refused")
class Refused(MethodView):
    """A refusal that is answered and not raised, having written something."""

    @blp.login_required()
    @blp.response(200)
    @blp.doc(operationId="refuse")
    def post(self):
        """Refuse"""
        db.session.add(Team(name=f"Noted {request.headers.get('X-Request-ID', '')}"))
        commit()
        if request.headers.get("X-Raise"):
            raise Conflict("No.")
        return make_response("{}", 409, {"Content-Type": "application/problem+json"})
