"""The blueprints of planning."""

from smartskill.kit.blueprint import Blueprint
from smartskill.planning.views.composing import composing
from smartskill.planning.views.coverage import coverage, targets
from smartskill.planning.views.differences import mine as level_differences
from smartskill.planning.views.differences import teams as team_differences
from smartskill.planning.views.evidence import evidence
from smartskill.planning.views.experts import experts
from smartskill.planning.views.gaps import gaps
from smartskill.planning.views.growth import growth
from smartskill.planning.views.matrix import matrix
from smartskill.planning.views.raters import raters
from smartskill.planning.views.roles import held_roles, roles
from smartskill.planning.views.stale import stale
from smartskill.planning.views.suggestions import suggestions

blueprints: tuple[Blueprint, ...] = (
    experts,
    matrix,
    evidence,
    level_differences,
    team_differences,
    stale,
    raters,
    roles,
    held_roles,
    gaps,
    targets,
    coverage,
    composing,
    growth,
    suggestions,
)
