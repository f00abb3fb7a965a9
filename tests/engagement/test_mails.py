"""The notices' letters: concrete, in both languages, true when they are sent; and the one-tap link."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from smartskill.database import now
from smartskill.engagement.mails import LETTERS
from smartskill.engagement.services.confirming import make_confirm_token
from smartskill.engagement.services.notices import SERVICE_KINDS, SUBSCRIPTION_KINDS
from smartskill.engagement.services.wording.samples import sample_parts
from smartskill.engagement.services.wording.sentences import expiring, line
from smartskill.engagement.services.wording.texts import DE, EN
from smartskill.extensions import db
from smartskill.notifications.models import Preference
from smartskill.notifications.services.outbox import claim
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import KINDS, write_letter
from smartskill.notifications.tasks import deliver
from smartskill.skills.models.levels import Rating
from tests.engagement.planned import decisions_about, inbox_of, mails_to, narrowed, plan_at, plan_now, settled
from tests.engagement.samples import make_endorsement, refuse
from tests.factories import make_qualification, make_skill, make_user, make_user_skill

TODAY = date(2026, 11, 22)
NOTICES = (*SERVICE_KINDS, *SUBSCRIPTION_KINDS)


def evidence(expires_on: date, **given) -> dict:
    return {"title": "First Aid certificate", "expires_on": expires_on.isoformat(), "audience": "holder", **given}


@pytest.mark.parametrize(
    ("expires_on", "english", "german"),
    [
        (
            date(2026, 12, 12),
            "Your First Aid certificate expires on 12 December 2026, in 20 days.",
            "First Aid certificate läuft am 12. Dezember 2026 ab, in 20 Tagen.",
        ),
        (
            date(2026, 11, 23),
            "Your First Aid certificate expires tomorrow, on 23 November 2026.",
            "First Aid certificate läuft morgen ab, am 23. November 2026.",
        ),
        (
            date(2026, 11, 22),
            "Your First Aid certificate expires today, 22 November 2026: this is its last valid day.",
            "First Aid certificate läuft heute ab, am 22. November 2026: Das ist der letzte gültige Tag.",
        ),
        (
            date(2026, 11, 20),
            "Your First Aid certificate expired on 20 November 2026, 2 days ago.",
            "First Aid certificate ist am 20. November 2026 abgelaufen, vor 2 Tagen.",
        ),
    ],
)
def test_the_sentence_names_the_thing_the_day_and_how_far_it_is(expires_on, english, german):
    assert expiring(evidence(expires_on), "en", TODAY) == english
    assert expiring(evidence(expires_on), "de", TODAY) == german


def test_both_languages_hold_every_text_with_the_same_places():
    def places(text) -> set:
        return {
            part.split("}")[0] for one in ([text] if isinstance(text, str) else text) for part in one.split("{")[1:]
        }

    assert EN.keys() == DE.keys()
    for key, text in EN.items():
        assert type(text) is type(DE[key]), key
        optional = {"count"}  # "tomorrow" needs no number in one language and none in the other
        assert places(text) - optional == places(DE[key]) - optional, key


def test_every_kind_is_registered_with_words_for_the_inbox_and_a_sample(app):
    for kind in NOTICES:
        assert KINDS[kind].mail_class == ("service" if kind in SERVICE_KINDS else "subscription")
        assert KINDS[kind].still_holds is not None
        assert KINDS[kind].make_line is not None
        for language in ("en", "de"):
            content = KINDS[kind].sample(language)
            assert content["subject"]
            assert content["reason"].endswith(".")
    assert set(LETTERS) == set(NOTICES)
    for kind in set(NOTICES) - {"digest"}:
        assert KINDS[kind].make_line(sample_parts(kind, TODAY)[0][1], "en")


def test_a_line_says_how_many_more_there_are():
    parts = sample_parts("welcome", TODAY)
    assert line(parts, "en", TODAY).endswith("(and 2 more)")
    assert line(parts, "de", TODAY).endswith("(und 2 weitere)")


def letter_to(user):
    [mail] = mails_to(user)
    return write_letter(mail, find_recipient(mail))


def test_a_mail_says_what_expires_when_and_why_it_comes(app):
    user = settled(make_user())
    make_qualification(user, title="First Aid certificate", expires_on=now().date() + timedelta(days=20))
    plan_now(user)
    letter = letter_to(user)
    assert letter.subject.startswith("First Aid certificate expires on ")
    for body in (letter.body, letter.html):
        assert "in 20 days" in body
        assert "You get this because you hold a qualification" in body
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_german_reader_gets_german(app):
    user = settled(make_user(locale="de-AT"))
    make_qualification(user, title="Staplerschein", expires_on=now().date() + timedelta(days=20))
    plan_now(user)
    assert "Staplerschein läuft am" in letter_to(user).subject
    assert "Sie erhalten diese Nachricht, weil" in letter_to(user).body


def test_what_a_person_names_is_never_markup(app):
    user = settled(make_user())
    make_qualification(user, title="<b>Bold</b> & co", expires_on=now().date() + timedelta(days=20))
    plan_now(user)
    assert "<b>Bold</b>" not in letter_to(user).html
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; co" in letter_to(user).html


def test_what_was_renewed_meanwhile_is_not_sent(app, committed):
    user = settled(make_user())
    row = make_qualification(user, expires_on=now().date() + timedelta(days=20))
    plan_now(user)
    make_qualification(user, renews_id=row.id, expires_on=now().date() + timedelta(days=400))
    db.session.commit()
    deliver([mail.id for mail in mails_to(user)])
    db.session.expire_all()
    [mail] = mails_to(user)
    assert (mail.state, mail.reason) == ("cancelled", "no_longer_so")


def test_a_review_is_mailed_while_it_waits_as_it_was_submitted(app):
    """Approved, or changed and submitted anew, it is no longer what the mail was to tell of."""
    reviewer, holder = settled(make_user("hr")), settled(make_user())
    waits, done, changed = (
        make_qualification(holder, title=title, review_state="submitted") for title in ("Waits", "Done", "Changed")
    )
    plan_now(reviewer)
    told = [(part.kind, part.evidence) for part in inbox_of(reviewer)]
    assert {kind for kind, _ in told} == {"review_pending"}
    done.review_state = "verified"
    changed.version += 1
    db.session.flush()
    left = [narrowed(reviewer, kind, evidence) for kind, evidence in told]
    assert [evidence["title"] for evidence in left if evidence] == ["Waits"]
    letter = letter_to(reviewer)
    assert "Waits" in letter.body
    assert "Done" not in letter.body + letter.subject
    assert waits.title in letter.html


@pytest.mark.parametrize("kind", sorted({*NOTICES} - {"welcome"}))  # which tells of what is not there
def test_each_kind_is_asked_again_of_the_database_and_what_is_not_there_is_not_told(app, kind):
    user = settled(make_user())
    for name, evidence in sample_parts(kind, now().date()):
        assert narrowed(user, name, evidence) is None


def test_what_still_holds_of_several_is_sent(app):
    user = settled(make_user())
    first = make_qualification(user, title="First", expires_on=now().date() + timedelta(days=20))
    make_qualification(user, title="Second", expires_on=now().date() + timedelta(days=5))
    plan_now(user)
    db.session.delete(first)
    db.session.flush()
    assert letter_to(user).subject.startswith("Second expires on")


# --- the one-tap link ---


@pytest.fixture
def stale(app):
    """Somebody with a stale level, told by rule of it."""
    user = settled(make_user())
    refuse(user, "prediction")
    old = now().date() - timedelta(days=500)
    row = make_user_skill(user, make_skill("Welding"), level=4, last_confirmed_on=old)
    rating = db.session.scalar(select(Rating).filter_by(user_id=user.id))
    rating.effective_on = old
    db.session.flush()
    plan_now(user)
    return user, row


def link_in(letter) -> str:
    return next(word for word in letter.body.split() if "/confirm/" in word).split("127.0.0.1:5000")[1]


def test_a_stale_skill_is_confirmed_by_one_tap_that_is_a_post(stale, client):
    user, row = stale
    url = link_in(letter_to(user))
    page = client.get(url)
    assert page.status_code == 200
    assert "Welding, level 4" in page.text
    assert row.last_confirmed_on < now().date()  # looking changes nothing: scanners follow links

    done = client.post(url)
    assert "One level is confirmed" in done.text
    assert row.last_confirmed_on == now().date()
    assert row.level == 4

    assert "nothing left to confirm" in client.post(url).text
    assert db.session.query(Rating).filter_by(user_id=user.id).count() == 2
    assert "style-src 'sha256-" in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in done.headers


def test_a_link_of_ours_only(stale, client):
    user, row = stale
    for token in ("nonsense", make_confirm_token(user.id, [])[:-2] + "xx", make_confirm_token(2**31 - 1, [])):
        assert client.post(f"/api/notifications/confirm/{token}").status_code == 404
    assert row.last_confirmed_on < now().date()


def test_a_level_that_changed_since_is_left_alone(stale, client):
    user, row = stale
    url = link_in(letter_to(user))
    row.level = 2
    db.session.flush()
    assert "nothing left to confirm" in client.post(url).text
    assert row.last_confirmed_on < now().date()


def test_a_digest_names_all_and_has_an_entry_for_each_sort(app):
    user, colleague = settled(make_user()), make_user(full_name="Ada Example")
    refuse(user, "prediction")
    at = datetime.combine(now().date() + timedelta(days=30), time(12), UTC)
    for name in ("endorsed", "skill_stale"):
        db.session.add(Preference(user_id=user.id, kind=name, is_wanted=False))
    make_endorsement(user, colleague, at - timedelta(days=1), "Python")
    for name in ("SQL", "Go"):
        make_user_skill(user, make_skill(name), last_confirmed_on=at.date() - timedelta(days=500))
    plan_at(at, user, is_forced=True)
    [decision] = decisions_about(user)
    assert decision.action == "digest"
    [mail] = mails_to(user)
    assert [notice.kind for notice in mail.notifications] == ["endorsed", "skill_stale"]
    letter = letter_to(user)
    assert letter.subject == "3 small things in Smart-Skill"
    for text in (
        "Ada Example endorsed your Python",
        "SQL",
        "Go",
        "level 3, was last confirmed on",
    ):
        assert text in letter.body
        assert text in letter.html
    assert claim() == []  # it waits for its day
