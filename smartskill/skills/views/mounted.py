"""The blueprints of this feature."""

from smartskill.skills.views.catalogue import catalogue
from smartskill.skills.views.levels import levels

blueprints = (catalogue, levels)
