"""My inbox."""

from typing import Any

from flask.views import MethodView

from smartskill.kit.access import current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.etag import check_if_match
from smartskill.kit.pagination import page_of
from smartskill.kit.transaction import commit
from smartskill.notifications.models import Notification
from smartskill.notifications.schemas import InboxQuery, NotificationChangeSchema, NotificationSchema, ReadAllSchema
from smartskill.notifications.services.inbox import (
    get_entry,
    in_words,
    mark_all_read,
    mark_read,
    remove_entry,
    search_inbox,
)
from smartskill.notifications.services.texts import language_of

blp = Blueprint(
    "notifications", __name__, url_prefix="/api/notifications", description="What I was told, and what I want to hear."
)


def worded(row: Notification) -> Notification:
    """The entry with its text in the caller's language."""
    entry: Any = row
    entry.text = in_words(row, language_of(current_user().locale))
    entry.is_read = row.read_at is not None
    return row


@blp.route("/")
class Inbox(MethodView):
    @blp.login_required()
    @blp.arguments(InboxQuery, location="query")
    @blp.listing(NotificationSchema)
    @blp.doc(operationId="listNotifications")
    def get(self, query):
        """List my notifications

        The newest first.
        """
        unread = query.get("unread")
        found = search_inbox(current_user().id, kind=query.get("kind"), is_read=None if unread is None else not unread)
        rows, headers = page_of(found, query)
        return [worded(row) for row in rows], headers


@blp.route("/read-all")
class ReadAll(MethodView):
    @blp.login_required()
    @blp.response(200, ReadAllSchema)
    @blp.doc(operationId="readAllNotifications")
    def post(self):
        """Mark all my notifications as read"""
        marked = mark_all_read(current_user().id)
        commit()
        return {"marked": marked}


@blp.route("/<id:notification_id>")
class Entry(MethodView):
    @blp.login_required()
    @blp.response(200, NotificationSchema, etag=True)
    @blp.doc(operationId="getNotification")
    def get(self, notification_id):
        """Read one of my notifications"""
        return worded(get_entry(current_user().id, notification_id))

    @blp.login_required()
    @blp.arguments(NotificationChangeSchema)
    @blp.response(200, NotificationSchema, etag=True)
    @blp.doc(operationId="changeNotification")
    def patch(self, data, notification_id):
        """Mark one of my notifications as read or not"""
        row = get_entry(current_user().id, notification_id, for_update=True)
        check_if_match(row)
        mark_read(row, data.get("is_read", row.read_at is not None))
        commit()
        return worded(row)

    @blp.login_required()
    @blp.response(200, NotificationSchema, etag=True)
    @blp.doc(operationId="removeNotification")
    def delete(self, notification_id):
        """Remove one of my notifications"""
        row = get_entry(current_user().id, notification_id, for_update=True)
        check_if_match(row)
        remove_entry(worded(row))
        commit()
        return row
