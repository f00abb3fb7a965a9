"""Every ORM class, in one place for migrations, the shell and tests."""

from smartskill.activity.models import *  # noqa: F403
from smartskill.engagement.models import *  # noqa: F403
from smartskill.exchange.models import *  # noqa: F403
from smartskill.experience.models import *  # noqa: F403
from smartskill.kit.models import *  # noqa: F403
from smartskill.notifications.models import *  # noqa: F403
from smartskill.qualification.models import *  # noqa: F403
from smartskill.skills.models import *  # noqa: F403
from smartskill.user.models import *  # noqa: F403
