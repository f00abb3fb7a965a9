"""The blueprints of exchange."""

from smartskill.exchange.views.resume import exchange

blueprints = (exchange,)
