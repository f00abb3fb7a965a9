"""What the application mounts."""

from smartskill.engagement.views.confirming import blp as confirming
from smartskill.engagement.views.mine import blp as mine
from smartskill.engagement.views.running import blp as running

blueprints = (mine, running, confirming)
