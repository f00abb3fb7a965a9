"""The blueprints of this feature."""

from smartskill.skills.views.catalogue import catalogue
from smartskill.skills.views.levels import levels
from smartskill.skills.views.merging import merging
from smartskill.skills.views.scales import scales

blueprints = (catalogue, levels, scales, merging)
