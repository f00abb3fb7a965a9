"""What the application mounts."""

from smartskill.user.views import accounts, credentials, pages, signing_in, teams

blueprints = (signing_in.blp, credentials.blp, teams.blp, accounts.blp, pages.blp)
