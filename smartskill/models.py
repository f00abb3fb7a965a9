"""Every ORM class, in one place for migrations, the shell and tests."""

from smartskill.activity.models import Consent, EventMonth, InteractionEvent
from smartskill.engagement.models import (
    Decision,
    ModelVersion,
    OutcomeReport,
    PlanChunk,
    PlanRun,
    Prediction,
)
from smartskill.exchange.models import (
    Badge,
    BadgeIssuer,
    ExternalPerson,
    FileImport,
    ImportFault,
    ResumeRemainder,
)
from smartskill.experience.models import Experience, ExperienceSkill
from smartskill.kit.models import IdempotencyKey, ScheduleRun
from smartskill.notifications.models import (
    Bounce,
    Breaker,
    Click,
    Delivery,
    DomainBudget,
    MailSettings,
    Notification,
    Preference,
    Suppression,
    WireTrace,
)
from smartskill.planning.models.growth import DismissedSkill
from smartskill.planning.models.roles import Exemption, RoleAssignment, RoleProfile, RoleRequirement
from smartskill.planning.models.searches import SavedSearch, SearchMatch
from smartskill.planning.models.suggestions import SkillSuggestion, WordsReading
from smartskill.planning.models.targets import CoverageTarget
from smartskill.planning.models.teams import TeamPlan
from smartskill.qualification.models import (
    EvidenceFile,
    GrantedSkill,
    Qualification,
    QualificationType,
)
from smartskill.skills.models.catalogue import (
    LevelScale,
    Skill,
    SkillAlias,
    SkillCategory,
    SkillLevelWording,
    SkillOrigin,
    SkillSource,
)
from smartskill.skills.models.levels import Endorsement, Rating, UserSkill
from smartskill.skills.models.merges import SkillMerge, SkillMergeRow
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
    "Badge",
    "BadgeIssuer",
    "Bounce",
    "Breaker",
    "Click",
    "Consent",
    "CoverageTarget",
    "Decision",
    "Delivery",
    "DismissedSkill",
    "DomainBudget",
    "Endorsement",
    "EventMonth",
    "EvidenceFile",
    "Exemption",
    "Experience",
    "ExperienceSkill",
    "ExternalPerson",
    "FileImport",
    "GrantedSkill",
    "IdempotencyKey",
    "ImportFault",
    "InteractionEvent",
    "LevelScale",
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
    "RoleAssignment",
    "RoleProfile",
    "RoleRequirement",
    "SavedSearch",
    "ScheduleRun",
    "SearchMatch",
    "Skill",
    "SkillAlias",
    "SkillCategory",
    "SkillLevelWording",
    "SkillMerge",
    "SkillMergeRow",
    "SkillOrigin",
    "SkillSource",
    "SkillSuggestion",
    "Suppression",
    "Team",
    "TeamMembership",
    "TeamPlacement",
    "TeamPlan",
    "User",
    "UserSession",
    "UserSkill",
    "WireTrace",
    "WordsReading",
]
