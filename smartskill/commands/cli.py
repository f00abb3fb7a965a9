"""The commands that cross features, for the application to mount. What they need is imported when they run."""

from smartskill.commands import rq  # noqa: F401 - adds its commands to the group `rq`
from smartskill.commands.demo.cli import demo_command
from smartskill.commands.doctor.cli import doctor_command
from smartskill.commands.mail_catcher.cli import mail_catcher_command
from smartskill.commands.up.cli import up_command

commands = (up_command, demo_command, doctor_command, mail_catcher_command)
