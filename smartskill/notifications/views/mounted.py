"""The feature's blueprints."""

from smartskill.notifications.views.clicks import blp as clicks
from smartskill.notifications.views.inbox import blp as inbox
from smartskill.notifications.views.preferences import blp as preferences
from smartskill.notifications.views.unsubscribe import blp as unsubscribe

blueprints = (inbox, preferences, unsubscribe, clicks)
