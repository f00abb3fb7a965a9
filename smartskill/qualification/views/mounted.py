"""What the application mounts."""

from smartskill.qualification.views.evidence import evidence
from smartskill.qualification.views.held import qualification
from smartskill.qualification.views.overview import overview
from smartskill.qualification.views.types import types

blueprints = (types, overview, qualification, evidence)
