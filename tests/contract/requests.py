"""For every operation one request that is right in itself, so that only who asks decides the answer.

`$name` stands for a value of `company.names`. A method's own parameters come from the specification.
"""

from typing import Any

from tests.contract.company import PASSWORD, PNG

NEW_PASSWORD = "seven lamps beside the violet harbour"
PLACE = {"organisation": "Acme", "title": "Engineer", "start": "2020-03"}
PERSON = {"full_name": "Ada Lovelace"}
LEVEL = {"level": 4}
LEVELS = [{"level": level, "name": name} for level, name in enumerate("ABCDE", 1)]
FILE = ("file.png", PNG)
ISSUER = {"identifier": "did:web:badges.example.org", "name": "Welding Institute"}
PEOPLE = ("people.csv", b"email,full_name\nnew.person@example.com,New Person\n")

# operationId → what it takes: `json`, `form`, `file` or `query`; and `path`, where the usual name is not the right row.
REQUESTS: dict[str, dict[str, Any]] = {
    "login": {"json": {"email": "$email", "password": PASSWORD}},
    "refresh": {"json": {"refresh_token": "$refresh_token"}},
    "logout": {"json": {"refresh_token": "$refresh_token"}},
    "verifyEmail": {"json": {"token": "$verify"}},
    "changePassword": {"json": {"current_password": PASSWORD, "new_password": NEW_PASSWORD}},
    "requestPasswordReset": {"json": {"email": "$email"}},
    "resetPassword": {"json": {"token": "$reset", "password": NEW_PASSWORD}},
    "requestEmailChange": {"json": {"email": "another@example.com", "password": PASSWORD}},
    "confirmEmailChange": {"json": {"token": "$email_change"}},
    "createTeam": {"json": {"name": "Research"}},
    "replaceTeam": {"json": {"name": "Research"}},
    "changeTeam": {"json": {"name": "Research"}},
    "endTeam": {"path": {"team_id": "$empty_team_id"}},
    "register": {"json": {"email": "someone.new@example.com", "password": NEW_PASSWORD}},
    "replaceUser": {"json": PERSON},
    "changeUser": {"json": PERSON},
    "placeUserInTeam": {"json": {"team_id": "$side_id"}},
    "setUserManager": {"json": {"manager_id": None}},
    "inviteUser": {"json": {"email": "invited@example.com"}},
    "acceptInvitation": {"json": {"token": "$invitation", "password": NEW_PASSWORD}},
    "importUsers": {"file": PEOPLE},
    "verifyEmailPage": {"query": {"token": "$verify"}},
    "verifyEmailByPage": {"form": {"token": "$verify"}},
    "resetPasswordPage": {"query": {"token": "$reset"}},
    "resetPasswordByPage": {"form": {"token": "$reset", "password": NEW_PASSWORD}},
    "acceptInvitationPage": {"query": {"token": "$invitation"}},
    "acceptInvitationByPage": {"form": {"token": "$invitation", "password": NEW_PASSWORD}},
    "confirmEmailPage": {"query": {"token": "$email_change"}},
    "confirmEmailByPage": {"form": {"token": "$email_change"}},
    "createSkill": {"json": {"name": "Origami"}},
    "replaceSkill": {"json": {"name": "Origami"}},
    "changeSkill": {"json": {"name": "Origami"}},
    "deleteSkill": {"path": {"skill_id": "$free_skill_id"}},
    "createSkillCategory": {"json": {"name": "Crafts"}},
    "replaceSkillCategory": {"json": {"name": "Crafts"}},
    "changeSkillCategory": {"json": {"name": "Crafts"}},
    "deleteSkillCategory": {"path": {"category_id": "$empty_category_id"}},
    "createLevelScale": {"json": {"name": "Dreyfus", "levels": LEVELS}},
    "replaceLevelScale": {"json": {"name": "Dreyfus", "levels": LEVELS}},
    "changeLevelScale": {"json": {"name": "Dreyfus"}},
    "replaceSkillLevels": {"json": {"levels": [{"level": 3, "wording": "Does the usual alone."}]}},
    "mergeSkill": {"json": {"into_id": "$new_skill_id"}},
    "findExperts": {"query": {"need": "$need", "not": "$free_skill_id", "text": "engineer"}},
    "getSkillMatrix": {"query": {"as_of": "2024-05-01"}},
    "createSavedSearch": {"json": {"name": "Engineers", "query": {"need": ["$need"]}, "is_watched": True}},
    "replaceSavedSearch": {"json": {"name": "Engineers", "query": {"text": "engineer"}}},
    "changeSavedSearch": {"json": {"name": "Engineers"}},
    "rateUserSkills": {"json": [{"skill_id": "$skill_id", **LEVEL}]},
    "putUserSkill": {"json": LEVEL},
    "changeUserSkill": {"json": LEVEL},
    "confirmMySkills": {"json": {"skill_ids": ["$skill_id"]}},
    "createEndorsement": {"json": {"level": 4}},
    "createTarget": {"json": {"team_id": "$team_id", "skill_id": "$new_skill_id", "heads": 1}},
    "replaceTarget": {"json": {"team_id": "$team_id", "skill_id": "$skill_id", "level": 2, "heads": 3}},
    "changeTarget": {"json": {"heads": 3}},
    "composeTeam": {"json": {"needs": [{"skill_id": "$skill_id", "min_level": 2}]}},
    "listMentors": {"query": {"skill_id": "$skill_id"}},
    "createExperience": {"json": {"user_id": "$user_id", **PLACE}},
    "replaceExperience": {"json": PLACE},
    "changeExperience": {"json": {"title": "Chief Engineer"}},
    "createQualificationType": {"json": {"name": "First Aid"}},
    "replaceQualificationType": {"json": {"name": "First Aid"}},
    "changeQualificationType": {"json": {"name": "First Aid"}},
    "deleteQualificationType": {"path": {"type_id": "$unused_type_id"}},
    "createQualification": {"json": {"user_id": "$user_id", "title": "First Aid"}},
    "replaceQualification": {"json": {"title": "First Aid"}},
    "changeQualification": {"json": {"title": "First Aid"}},
    "reviewQualification": {"json": {"decision": "verify"}},
    "addEvidence": {"file": FILE},
    "startImport": {"file": ("cv.json", b'{"work": []}')},
    "mapImport": {"json": {"scale": "0-5"}},
    "runImport": {"json": {"skip_errors": True}},
    "handInBadge": {"file": ("badge.json", b"{}")},
    "createBadgeIssuer": {"json": ISSUER},
    "replaceBadgeIssuer": {"json": ISSUER},
    "acceptSuggestion": {"json": {"level": 3}},
    "changeNotification": {"json": {"is_read": True}},
    "replacePreferences": {"json": {"kinds": [{"kind": "digest", "is_wanted": False}]}},
    "showUnsubscribe": {"path": {"token": "$unsubscribe"}},
    "unsubscribe": {"path": {"token": "$unsubscribe"}},
    "showUnsubscribeShort": {"path": {"token": "$unsubscribe"}},
    "unsubscribeShort": {"path": {"token": "$unsubscribe"}},
    "followLink": {"path": {"token": "$click"}},
    "importResume": {"json": {"work": [{"name": "Acme", "position": "Engineer", "startDate": "2020"}]}},
    "startRun": {"json": {}},
    "showConfirmation": {"path": {"token": "$confirm"}},
    "confirmByLink": {"path": {"token": "$confirm"}},
    "eraseMyData": {"json": {"password": PASSWORD}},
    "recordEvents": {"json": {"events": [{"kind": "skill_viewed", "client_event_id": "$uuid", "occurred_at": "$now"}]}},
    "replaceConsents": {"json": {"tracking": True}},
    "createRole": {"json": {"name": "Baker", "requirements": [{"skill_id": "$skill_id", "level": 3, "must": True}]}},
    "replaceRole": {"json": {"name": "Baker"}},
    "changeRole": {"json": {"name": "Baker"}},
    "assignUserRole": {"json": {}, "path": {"role_id": "$free_role_id"}},
    "deleteRole": {"path": {"role_id": "$free_role_id"}},
    "grantExemption": {"json": {"skill_id": "$skill_id", "reason": "Does other work.", "ends_on": "$next_year"}},
    "getTeamGaps": {"query": {"team_id": "$team_id"}},
}


def filled(value: Any, names: dict[str, Any]) -> Any:
    """The value with every `$name` replaced."""
    if isinstance(value, dict):
        return {key: filled(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    return names[value[1:]] if isinstance(value, str) and value.startswith("$") else value
