"""Merges and undos on small catalogues that nobody would think of: what ends undone, ends as it began."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from smartskill.database import now
from smartskill.experience.models import ExperienceSkill
from smartskill.extensions import db
from smartskill.skills.models.catalogue import SkillAlias
from smartskill.skills.models.levels import Endorsement, Rating, UserSkill
from smartskill.skills.services.endorsing import endorse
from smartskill.skills.services.formulas import Voice, project
from smartskill.skills.services.merging import merge_skills, undo_merge
from smartskill.skills.services.projection import find_user_skill, lock_user_skill, refresh_user_skill, today
from smartskill.skills.services.rating import rate_skill, retract_ratings
from tests.factories import make_experience, make_skill, make_user
from tests.skills.catalogue_state import state_of

SKILLS, PEOPLE = st.integers(0, 2), st.integers(0, 2)
RATE = st.tuples(
    st.just("rate"), PEOPLE, SKILLS, PEOPLE, st.sampled_from(("self", "manager", "import")), st.integers(1, 5),
    st.integers(0, 1000),
)  # fmt: skip
WISH = st.tuples(
    st.just("wish"), PEOPLE, SKILLS, st.none() | st.integers(0, 5), st.none() | st.integers(1, 5), st.booleans()
)
ENDORSE = st.tuples(st.just("endorse"), PEOPLE, SKILLS, PEOPLE, st.integers(1, 5))
LINK = st.tuples(st.just("link"), PEOPLE, SKILLS)
RETRACT = st.tuples(st.just("retract"), PEOPLE, SKILLS, PEOPLE, st.sampled_from(("self", "manager")))
ALIAS = st.tuples(st.just("alias"), SKILLS, st.sampled_from(("A", "a", "b", "Skill")))
ACTS = st.lists(st.one_of(RATE, WISH, ENDORSE, LINK, RETRACT, ALIAS), max_size=12)
SINCE = st.lists(RATE, max_size=4)
PAIRS = st.lists(st.tuples(SKILLS, SKILLS).filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=2)


class World:
    """Three people, their jobs, and three skills with review periods of their own."""

    def __init__(self, months):
        self.people = [make_user() for _ in range(3)]
        self.jobs = [make_experience(person) for person in self.people]
        self.skills = [make_skill(review_months=number) for number in months]
        self.ids = [skill.id for skill in self.skills]
        self.hr, self.gone = make_user("hr"), set()

    def act(self, kind, *facts):
        getattr(self, kind)(*facts)
        db.session.flush()

    def rate(self, who, what, by, source, level, days):
        rater = {"self": self.people[who].id, "import": None}.get(source, self.people[by].id)
        on = now().date() - timedelta(days=days)
        rate_skill(self.people[who].id, self.ids[what], level, source=source, rater_id=rater, effective_on=on)

    def wish(self, who, what, interest, target, is_shown):
        row = lock_user_skill(self.people[who].id, self.ids[what])
        row.interest, row.target_level, row.is_shown = interest, target, is_shown
        refresh_user_skill(row.user_id, row.skill_id)

    def endorse(self, who, what, by, level):
        row = find_user_skill(self.people[who].id, self.ids[what], is_locked=True)
        place = {"user_id": self.people[who].id, "skill_id": self.ids[what], "endorser_id": self.people[by].id}
        given_before = db.session.scalar(select(Endorsement.id).filter_by(**place))
        if row is not None and row.level is not None and who != by and not given_before:
            endorse(row, self.people[by], level=level)

    def link(self, who, what):
        key = {"experience_id": self.jobs[who].id, "skill_id": self.ids[what]}
        if db.session.get(ExperienceSkill, (key["experience_id"], key["skill_id"])) is None:
            db.session.add(ExperienceSkill(**key))

    def retract(self, who, what, by, source):
        retract_ratings(self.people[who].id, self.ids[what], self.people[by].id, source)
        refresh_user_skill(self.people[who].id, self.ids[what])

    def alias(self, what, name):
        held = {
            alias.lower() for alias in db.session.scalars(select(SkillAlias.name).filter_by(skill_id=self.ids[what]))
        }
        if name.lower() not in held:
            db.session.add(SkillAlias(skill_id=self.ids[what], name=name))

    def merge(self, one, other):
        """Merge the one into the other if both still stand; the merge's id, else None."""
        if {self.ids[one], self.ids[other]} & self.gone:
            return None
        self.gone.add(self.ids[one])
        return merge_skills(self.ids[one], self.ids[other], self.hr).id

    def check_projections(self):
        """Every level is what its ratings come to, and nothing that was rated or wished for is without its row."""
        for skill in self.skills:
            for person in self.people:
                place = {"user_id": person.id, "skill_id": skill.id}
                said = db.session.scalars(select(Rating).filter_by(**place, retracted_at=None)).all()
                row = db.session.scalars(select(UserSkill).filter_by(**place)).one_or_none()
                if row is None:
                    assert not said
                    continue
                voices = [Voice(r.id, r.level, r.source, r.rater_id, r.effective_on) for r in said]
                found = project(voices, skill.review_months, today())
                assert (row.level, row.voices, row.last_confirmed_on) == (
                    found.level, found.voices, found.last_confirmed_on,
                )  # fmt: skip


MODEL = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MONTHS = st.lists(st.sampled_from([1, 6, 24]), min_size=3, max_size=3)


@MODEL
@given(acts=ACTS, pairs=PAIRS, months=MONTHS)
def test_merges_undone_in_order_leave_everything_as_it_was(app, acts, pairs, months):
    world = World(months)
    for act in acts:
        world.act(*act)
    ratings = set(db.session.scalars(select(Rating.id).where(Rating.skill_id.in_(world.ids))))
    done = []
    for pair in pairs:
        before = state_of(*world.ids)
        if (merge_id := world.merge(*pair)) is not None:
            done.append((merge_id, before))
            world.check_projections()
            assert set(db.session.scalars(select(Rating.id).where(Rating.skill_id.in_(world.ids)))) == ratings
    for merge_id, before in reversed(done):
        undo_merge(merge_id, world.hr)
        assert state_of(*world.ids) == before


@MODEL
@given(acts=ACTS, pair=PAIRS.map(lambda pairs: pairs[0]), since=SINCE, months=MONTHS)
def test_what_was_rated_since_a_merge_stays_with_the_skill_it_was_said_of(app, acts, pair, since, months):
    world = World(months)
    for act in acts:
        world.act(*act)

    def filed():
        return {r.id: r.skill_id for r in db.session.scalars(select(Rating).where(Rating.skill_id.in_(world.ids)))}

    before = filed()
    merge_id = world.merge(*pair)
    for kind, who, what, *more in since:
        world.act(kind, who, pair[1] if what == pair[0] else what, *more)
    added = {number: skill_id for number, skill_id in filed().items() if number not in before}
    undo_merge(merge_id, world.hr)
    assert filed() == before | added
    world.check_projections()
