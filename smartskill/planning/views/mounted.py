"""The blueprints of planning."""

from smartskill.kit.blueprint import Blueprint

blueprints: tuple[Blueprint, ...] = ()
