"""The blueprints of exchange."""

from smartskill.exchange.views.badges import badges, issuers
from smartskill.exchange.views.cv import cv
from smartskill.exchange.views.files import imports
from smartskill.exchange.views.resume import exchange

blueprints = (exchange, cv, badges, issuers, imports)
