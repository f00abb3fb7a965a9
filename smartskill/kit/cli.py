"""The command groups, made once: of two blueprints that declare the same group, the second silently replaces the first."""

from flask.cli import AppGroup

user_commands = AppGroup("user", help="Accounts and roles.")
skills_commands = AppGroup("skills", help="The skill catalogue.")
model_commands = AppGroup("model", help="What was learned: train, judge, promote.")
notify_commands = AppGroup("notify", help="Notices: plan, send, explain.")
rq_commands = AppGroup("rq", help="Workers and the schedule.")
GROUPS = (user_commands, skills_commands, model_commands, notify_commands, rq_commands)
