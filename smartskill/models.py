"""Every ORM class, in one place for migrations, the shell and tests."""

from smartskill.activity.models import Consent, InteractionEvent
from smartskill.engagement.models import (
    Decision,
    ModelVersion,
    OutcomeReport,
    PlanChunk,
    PlanRun,
    Prediction,
)
from smartskill.exchange.models import ResumeRemainder
from smartskill.experience.models import Experience, ExperienceSkill
from smartskill.kit.models import IdempotencyKey, ScheduleRun
from smartskill.notifications.models import (
    Delivery,
    MailSettings,
    Notification,
    Preference,
    Suppression,
)
from smartskill.qualification.models import (
    EvidenceFile,
    GrantedSkill,
    Qualification,
    QualificationType,
)
from smartskill.skills.models import (
    Endorsement,
    Rating,
    Skill,
    SkillAlias,
    SkillCategory,
    SkillOrigin,
    SkillSource,
    UserSkill,
)
from smartskill.user.models import (
    RefreshToken,
    ReportingLine,
    Team,
    TeamMembership,
    TeamPlacement,
    User,
    UserSession,
)

__all__ = [
    "Consent",
    "Decision",
    "Delivery",
    "Endorsement",
    "EvidenceFile",
    "Experience",
    "ExperienceSkill",
    "GrantedSkill",
    "IdempotencyKey",
    "InteractionEvent",
    "MailSettings",
    "ModelVersion",
    "Notification",
    "OutcomeReport",
    "PlanChunk",
    "PlanRun",
    "Prediction",
    "Preference",
    "Qualification",
    "QualificationType",
    "Rating",
    "RefreshToken",
    "ReportingLine",
    "ResumeRemainder",
    "ScheduleRun",
    "Skill",
    "SkillAlias",
    "SkillCategory",
    "SkillOrigin",
    "SkillSource",
    "Suppression",
    "Team",
    "TeamMembership",
    "TeamPlacement",
    "User",
    "UserSession",
    "UserSkill",
]
