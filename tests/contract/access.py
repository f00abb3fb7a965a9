"""Who may do what: every operation, asked by everyone, on a row that is `own`'s.

`own` owns the row, `other` is a colleague of theirs, `boss` is above them, `other_boss` is somebody else's manager.
A dash is not asked: the operation looks at no caller. `operation:hidden` asks for a row that its owner does not show,
`operation:missing` for one that does not exist. Each row was reviewed against the table of roles in the contract: what
is hidden from a person answers 404 as if it did not exist, what they see and may not change answers 403.
"""

ASKERS = ("anonymous", "own", "other", "boss", "other_boss", "hr", "admin")
TABLE = """
operation                  anonymous  own  other  boss  other_boss  hr   admin
login                      200        200  -      -     -           -    -
refresh                    200        200  -      -     -           -    -
logout                     200        200  -      -     -           -    -
listSessions               401        200  200    200   200         200  200
endOtherSessions           401        200  200    200   200         200  200
endSession                 401        200  404    404   404         404  404
verifyEmail                200        200  -      -     -           -    -
resendVerification         401        409  409    409   409         409  409
changePassword             401        200  200    200   200         200  200
requestPasswordReset       200        200  -      -     -           -    -
resetPassword              200        200  -      -     -           -    -
requestEmailChange         401        200  200    200   200         200  200
confirmEmailChange         200        200  -      -     -           -    -
listTeams                  401        200  200    200   200         200  200
createTeam                 401        403  403    403   403         200  200
getTeam                    401        200  200    200   200         200  200
replaceTeam                401        403  403    403   403         200  200
changeTeam                 401        403  403    403   403         200  200
endTeam                    401        403  403    403   403         200  200
listMembers                401        200  200    200   200         200  200
listUsers                  401        200  200    200   200         200  200
register                   200        200  -      -     -           -    -
getUser                    401        200  200    200   200         200  200
replaceUser                401        200  403    403   403         403  200
changeUser                 401        200  403    403   403         403  200
eraseUser                  401        200  403    403   403         403  200
placeUserInTeam            401        403  403    403   403         200  200
setUserManager             401        403  403    403   403         200  200
inviteUser                 401        403  403    403   403         200  200
acceptInvitation           200        200  -      -     -           -    -
importUsers                401        403  403    403   403         200  200
verifyEmailPage            200        200  -      -     -           -    -
verifyEmailByPage          200        200  -      -     -           -    -
resetPasswordPage          200        200  -      -     -           -    -
resetPasswordByPage        200        200  -      -     -           -    -
acceptInvitationPage       200        200  -      -     -           -    -
acceptInvitationByPage     200        200  -      -     -           -    -
confirmEmailPage           200        200  -      -     -           -    -
confirmEmailByPage         200        200  -      -     -           -    -
listSkills                 401        200  200    200   200         200  200
createSkill                401        200  200    200   200         200  200
getSkill                   401        200  200    200   200         200  200
replaceSkill               401        403  403    403   403         200  200
changeSkill                401        403  403    403   403         200  200
deleteSkill                401        403  403    403   403         200  200
listSkillPeople            401        200  200    200   200         200  200
listSkillCategories        401        200  200    200   200         200  200
createSkillCategory        401        403  403    403   403         200  200
getSkillCategory           401        200  200    200   200         200  200
replaceSkillCategory       401        403  403    403   403         200  200
changeSkillCategory        401        403  403    403   403         200  200
deleteSkillCategory        401        403  403    403   403         200  200
listSkillSources           401        200  200    200   200         200  200
listLevelScales            401        200  200    200   200         200  200
createLevelScale           401        403  403    403   403         200  200
getLevelScale              401        200  200    200   200         200  200
replaceLevelScale          401        403  403    403   403         200  200
changeLevelScale           401        403  403    403   403         200  200
deleteLevelScale           401        403  403    403   403         200  200
listSkillLevels            401        200  200    200   200         200  200
replaceSkillLevels         401        403  403    403   403         200  200
mergeSkill                 401        403  403    403   403         200  200
getSkillUsage              401        403  403    403   403         200  200
listSkillMerges            401        403  403    403   403         200  200
undoSkillMerge             401        403  403    403   403         200  200
findExperts                401        200  200    200   200         200  200
getSkillMatrix             401        403  403    200   200         200  200
listSavedSearches          401        200  200    200   200         200  200
createSavedSearch          401        200  200    200   200         200  200
getSavedSearch             401        200  404    404   404         404  404
replaceSavedSearch         401        200  404    404   404         404  404
changeSavedSearch          401        200  404    404   404         404  404
deleteSavedSearch          401        200  404    404   404         404  404
listUserSkills             401        200  200    200   200         200  200
rateUserSkills             401        200  403    200   403         403  403
getUserSkill               401        200  200    200   200         200  200
putUserSkill               401        200  403    200   403         403  403
changeUserSkill            401        200  403    200   403         403  403
deleteUserSkill            401        200  403    403   403         403  403
confirmUserSkill           401        200  403    403   403         403  403
confirmMySkills            401        200  400    400   400         400  400
listUserSkillHistory       401        200  404    200   404         200  200
listEndorsements           401        200  200    200   200         200  200
createEndorsement          401        403  200    409   200         200  200
deleteEndorsement          401        404  404    200   404         404  404
listTargets                401        403  403    200   200         200  200
createTarget               401        403  403    200   403         200  200
getTarget                  401        404  404    200   404         200  200
replaceTarget              401        404  404    200   404         200  200
changeTarget               401        404  404    200   404         200  200
deleteTarget               401        404  404    200   404         200  200
listCoverage               401        403  403    200   200         200  200
composeTeam                401        403  403    202   202         202  202
getTeamPlan                401        404  404    200   404         404  404
cancelTeamPlan             401        404  404    200   404         404  404
listNextSkills             401        200  404    200   404         200  200
listDismissedSkills        401        200  200    200   200         200  200
dismissSkill               401        200  200    200   200         200  200
restoreSkill               401        200  404    404   404         404  404
listMentors                401        200  404    200   404         200  200
listExperience             401        200  200    200   200         200  200
createExperience           401        200  403    200   403         200  200
getExperience              401        200  200    200   200         200  200
replaceExperience          401        200  403    403   403         403  403
changeExperience           401        200  403    403   403         403  403
deleteExperience           401        200  403    403   403         403  403
listSkillYears             401        200  200    200   200         200  200
listQualificationTypes     401        200  200    200   200         200  200
createQualificationType    401        403  403    403   403         200  200
getQualificationType       401        200  200    200   200         200  200
replaceQualificationType   401        403  403    403   403         200  200
changeQualificationType    401        403  403    403   403         200  200
deleteQualificationType    401        403  403    403   403         200  200
listQualifications         401        200  200    200   200         200  200
createQualification        401        200  403    200   403         200  200
getQualification           401        200  404    200   404         200  200
replaceQualification       401        200  404    403   404         403  403
changeQualification        401        200  404    403   404         403  403
deleteQualification        401        200  404    403   404         403  403
reviewQualification        401        403  404    403   404         200  200
listEvidence               401        200  404    200   404         200  200
addEvidence                401        200  404    403   404         403  403
downloadEvidence           401        200  404    200   404         200  200
deleteEvidence             401        200  404    403   404         403  403
listNotifications          401        200  200    200   200         200  200
readAllNotifications       401        200  200    200   200         200  200
getNotification            401        200  404    404   404         404  404
changeNotification         401        200  404    404   404         404  404
removeNotification         401        200  404    404   404         404  404
getPreferences             401        200  200    200   200         200  200
replacePreferences         401        200  200    200   200         200  200
showUnsubscribe            200        200  -      -     -           -    -
unsubscribe                200        200  -      -     -           -    -
showUnsubscribeShort       200        200  -      -     -           -    -
unsubscribeShort           200        200  -      -     -           -    -
followLink                 302        302  -      -     -           -    -
getResume                  401        200  200    200   200         200  200
getResumePage              401        200  200    200   200         200  200
getResumePdf               401        200  200    200   200         200  200
importResume               401        200  403    403   403         403  403
listMyDecisions            401        200  200    200   200         200  200
listMyPredictions          401        200  200    200   200         200  200
startRun                   401        403  403    403   403         403  202
getRun                     401        403  403    403   403         403  200
listModels                 401        403  403    403   403         403  200
getModel                   401        403  403    403   403         403  200
getOutcomes                401        403  403    403   403         403  200
showConfirmation           200        200  -      -     -           -    -
confirmByLink              200        200  -      -     -           -    -
getMyData                  401        200  200    200   200         200  200
eraseMyData                401        200  200    200   200         200  409
recordEvents               401        200  200    200   200         200  200
getConsents                401        200  200    200   200         200  200
replaceConsents            401        200  200    200   200         200  200
getExperience:hidden       401        200  404    200   404         200  200
replaceExperience:hidden   401        200  404    403   404         403  403
deleteExperience:hidden    401        200  404    403   404         403  403
getUserSkill:hidden        401        200  404    200   404         200  200
putUserSkill:hidden        401        200  404    200   404         403  403
createEndorsement:hidden   401        403  404    200   404         200  200
getLevelEvidence           401        200  200    200   200         200  200
getLevelEvidence:hidden    401        200  404    200   404         200  200
listLevelDifferences       401        200  404    200   404         200  200
listTeamDifferences        401        403  403    200   200         200  200
listStaleLevels            401        403  403    200   200         200  200
listRaters                 401        403  403    403   403         200  200
listWaitingReviews         401        403  403    403   403         200  200
countQualifications        401        200  200    200   200         200  200
getRenewals                401        200  404    200   404         200  200
getUser:missing            401        404  404    404   404         404  404
getSkill:missing           401        404  404    404   404         404  404
getExperience:missing      401        404  404    404   404         404  404
getQualification:missing   401        404  404    404   404         404  404
listBadges                 401        200  200    200   200         200  200
handInBadge                401        202  202    202   202         202  202
getBadge                   401        200  404    404   404         404  404
deleteBadge                401        200  404    404   404         404  404
checkBadge                 401        202  404    404   404         404  404
listBadgeIssuers           401        200  200    200   200         200  200
createBadgeIssuer          401        403  403    403   403         200  200
getBadgeIssuer             401        200  200    200   200         200  200
replaceBadgeIssuer         401        403  403    403   403         200  200
deleteBadgeIssuer          401        403  403    403   403         200  200
listRoles                  401        200  200    200   200         200  200
createRole                 401        403  403    403   403         200  200
getRole                    401        200  200    200   200         200  200
replaceRole                401        403  403    403   403         200  200
changeRole                 401        403  403    403   403         200  200
deleteRole                 401        403  403    403   403         200  200
listUserRoles              401        200  404    200   404         200  200
assignUserRole             401        403  404    200   404         200  200
endUserRole                401        403  404    200   404         200  200
listExemptions             401        200  404    200   404         200  200
grantExemption             401        403  404    200   404         200  200
getExemption               401        200  404    200   404         200  200
withdrawExemption          401        403  404    200   404         200  200
getGap                     401        200  404    200   404         200  200
listFits                   401        200  404    200   404         200  200
listCandidates             401        403  403    200   200         200  200
getTeamGaps                401        403  403    200   403         200  200
listImports                401        200  200    200   200         200  200
startImport                401        202  202    202   202         202  202
getImport                  401        200  404    404   404         200  200
forgetImport               401        200  404    404   404         200  200
mapImport                  401        202  404    404   404         403  403
runImport                  401        202  404    404   404         403  403
downloadRejects            401        200  404    404   404         200  200
listSuggestions            401        200  200    200   200         200  200
getReading                 401        200  404    404   404         404  404
readMyWords                401        202  202    202   202         202  202
acceptSuggestion           401        200  404    404   404         404  404
rejectSuggestion           401        200  404    404   404         404  404
putOffSuggestion           401        200  404    404   404         404  404
"""
# What another row of the same operation is named by.
ROWS = {
    "getExperience:hidden": {"experience_id": "$private_experience_id"},
    "replaceExperience:hidden": {"experience_id": "$private_experience_id"},
    "deleteExperience:hidden": {"experience_id": "$private_experience_id"},
    "getLevelEvidence:hidden": {"skill_id": "$hidden_skill_id"},
    "getUserSkill:hidden": {"skill_id": "$hidden_skill_id"},
    "putUserSkill:hidden": {"skill_id": "$hidden_skill_id"},
    "createEndorsement:hidden": {"skill_id": "$hidden_skill_id"},
    "getUser:missing": {"user_id": 2_000_000_000},
    "getSkill:missing": {"skill_id": 2_000_000_000},
    "getExperience:missing": {"experience_id": 2_000_000_000},
    "getQualification:missing": {"qualification_id": 2_000_000_000},
}


def expected() -> dict[str, dict[str, int]]:
    """Operation → asker → status; who is not asked is left out."""
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    return {
        name: {who: int(status) for who, status in zip(ASKERS, statuses, strict=True) if status != "-"}
        for name, *statuses in rows
    }
