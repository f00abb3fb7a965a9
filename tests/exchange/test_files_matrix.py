"""Matrices: people in rows, skills in columns, perhaps a category band above, whatever the scale."""

from datetime import date

import pytest

from tests.exchange.files import faults_of, imported, levels_of, take_in, workbook
from tests.factories import make_skill, make_user


@pytest.fixture
def people(app):
    return make_user(email="ada@example.com", full_name="Ada Bauer"), make_user(
        email="bo@example.com", full_name="Bo Li"
    )


@pytest.fixture
def skills(app):
    return [make_skill(name) for name in ("Python", "Welding", "French")]


def test_a_matrix_becomes_ratings_and_a_second_time_changes_nothing(people, skills):
    ada, bo = people
    text = "E-Mail,Team,Python,Welding,French\nada@example.com,Ops,4,,2\nbo@example.com,Ops,5,1,0\n"
    row = take_in(text)
    assert (row.state, row.format, row.progress) == ("done", "matrix", 1.0)
    assert row.counts == {
        "added": 4, "changed": 0, "unchanged": 0, "refused": 0, "rows_refused": 0, "people_created": 0
    }  # fmt: skip
    assert levels_of(ada) == {"Python": 4, "French": 2}
    assert levels_of(bo) == {"Python": 5, "Welding": 1}  # a zero says nothing
    again = take_in(text)
    assert (again.counts["added"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, 4)
    assert len(imported(ada)) == 2


def test_a_level_that_changed_is_a_new_rating_beside_the_old_one(people, skills):
    ada, _ = people
    take_in("email,date,Python\nada@example.com,2024-03-01,2\n")
    row = take_in("email,date,Python\nada@example.com,2025-03-01,4\n")
    assert row.counts["changed"] == 1
    assert [(said.effective_on, said.level) for said in imported(ada)] == [(date(2024, 3, 1), 2), (date(2025, 3, 1), 4)]
    assert levels_of(ada) == {"Python": 4}


def test_a_band_above_the_skills_names_their_categories(people, skills):
    band = [None, "Engineering", None, "Languages"]
    rows = [band, ["Name", "Python", "Welding", "French"], ["Ada Bauer", 4, "x", None], ["Bo Li", None, 2, 5]]
    row = take_in(workbook(rows, merged=("B1:C1",)), name="matrix.xlsx")
    assert row.state == "done", faults_of(row)
    shown = {column["name"]: column for column in row.preview["columns"]}
    assert [shown[name]["category"] for name in ("Name", "Python", "Welding", "French")] == [
        None, "Engineering", "Engineering", "Languages",
    ]  # fmt: skip
    assert levels_of(people[0]) == {"Python": 4, "Welding": 3}
    assert row.preview["sheet"] == "Skills"


def test_without_merged_cells_a_bands_word_holds_up_to_the_next(people, skills):
    row = take_in(";Engineering;;Languages\nName;Python;Welding;French\nAda Bauer;4;;2\n")
    assert [column["category"] for column in row.preview["columns"]] == [
        None,
        "Engineering",
        "Engineering",
        "Languages",
    ]
    assert row.preview["header_row"] == 2
    assert row.preview["separator"] == ";"


@pytest.mark.parametrize(
    ("cells", "scale", "levels"),
    [
        (("1", "5"), "1-5", (1, 5)),
        (("0", "4"), "0-5", (None, 4)),
        (("3", "10"), "1-10", (2, 5)),
        (("15%", "80 %"), "percent", (1, 4)),
        (("25", "75"), "percent", (2, 4)),
        (("Advanced", "Sehr gut"), "1-5", (4, 4)),
        (("x", ""), "1-5", (3, None)),
        (("B1", "c2"), "1-5", (3, 5)),
        (("n/a", "-"), "1-5", (None, None)),
    ],
)
def test_levels_are_read_on_the_scale_that_fits_all_of_them(people, skills, cells, scale, levels):
    row = take_in(f"email,Python,Welding\nada@example.com,{cells[0]},{cells[1]}\n")
    assert row.preview["scale"] == scale
    found = levels_of(people[0])
    assert (found.get("Python"), found.get("Welding")) == levels, faults_of(row)


def test_a_scale_and_words_can_be_said(people, skills):
    mapping = {"scale": "0-3", "levels": {"guru": 5, "x": 2, "-": 1}}
    row = take_in("email,Python,Welding,French\nada@example.com,3,guru,x\nbo@example.com,1,-,\n", mapping=mapping)
    assert row.state == "done", faults_of(row)
    assert levels_of(people[0]) == {"Python": 5, "Welding": 5, "French": 2}
    assert levels_of(people[1]) == {"Python": 2, "Welding": 1}


def test_percentages_of_a_workbook_are_read_as_they_are_shown(people, skills):
    row = take_in(workbook([["Name", "Python"], ["Ada Bauer", 0.8]], percent=True))
    assert levels_of(people[0]) == {"Python": 4}, faults_of(row)


def test_a_formula_is_never_run_and_its_last_value_counts(people, skills):
    row = take_in(workbook([["Name", "Python"], ["Ada Bauer", "=1+3"]]))
    assert levels_of(people[0]) == {}  # nobody computed it: nothing is said
    assert row.state == "done"


def test_what_is_unknown_is_listed_with_what_may_be_meant(people, skills):
    row = take_in("email,Pyton,Welding\nada@example.com,4,3\neve@example.com,2,2\n", dry_run=True)
    assert row.state == "previewed"
    [person] = row.preview["unknown_people"]
    assert (person["value"], person["rows"]) == ("eve@example.com", 2)
    [skill] = row.preview["unknown_skills"]
    assert skill["value"] == "Pyton"
    assert "Python" in [candidate["name"] for candidate in skill["candidates"]]
    assert levels_of(people[0]) == {}


def test_all_or_nothing_unless_it_is_said_otherwise(people, skills):
    text = "email,Python\nada@example.com,4\neve@example.com,2\nbo@example.com,seven\n"
    row = take_in(text)
    assert row.state == "refused"
    assert levels_of(people[0]) == {}
    assert [place for place, _ in faults_of(row)] == ["row 3", "row 4"]
    row = take_in(text, skip_errors=True)
    assert row.state == "done"
    assert levels_of(people[0]) == {"Python": 4}
    assert (row.counts["added"], row.counts["refused"], row.counts["rows_refused"]) == (1, 2, 2)


def test_a_word_can_be_mapped_to_a_skill_or_left_out(people, skills):
    row = take_in(
        "Wer,Pyton,Old thing,Fun\nada@example.com,4,3,great\n",
        mapping={"columns": {"Wer": "email"}, "skills": {"Pyton": "python", "Old thing": None}},
    )
    assert row.state == "done", faults_of(row)
    assert levels_of(people[0]) == {"Python": 4}
    assert "Fun" in row.preview["unmapped_columns"]


def test_two_of_one_name_are_told_apart_by_the_mapping(people, skills):
    other = make_user(email="ada2@example.com", full_name="Ada Bauer")
    text = "Name,Python\nAda Bauer,4\n"
    [(_, why)] = faults_of(take_in(text))
    assert "More than one person" in why
    take_in(text, mapping={"people": {"Ada Bauer": "ada2@example.com"}})
    assert levels_of(other) == {"Python": 4}
    assert levels_of(people[0]) == {}


def test_a_row_that_contradicts_another_is_refused(people, skills):
    row = take_in("email,Python\nada@example.com,4\nada@example.com,5\n")
    assert faults_of(row) == [("row 3", "Row 2 says level 4 of the same person, skill and day.")]


def test_people_are_made_only_where_that_was_asked(people, skills):
    from smartskill.user.services.accounts import find_user

    text = "email,name,Python\nnew@example.com,New One,4\n"
    assert take_in(text).state == "refused"
    assert find_user("new@example.com") is None
    row = take_in(text, create_people=True, dry_run=True)
    assert (row.state, row.counts["people_created"]) == ("previewed", 1)
    assert find_user("new@example.com") is None  # only looked at
    take_in(text, create_people=True)
    made = find_user("new@example.com")
    assert (made.full_name, made.password_hash, levels_of(made)) == ("New One", None, {"Python": 4})


def test_a_day_in_the_future_is_refused(people, skills):
    [(_, why)] = faults_of(take_in("email,date,Python\nada@example.com,2190-01-01,4\n"))
    assert why == "2190-01-01 is in the future."


def test_a_manager_rating_still_counts_more_than_a_files_word(people, skills):
    from smartskill.skills.services.rating import rate_skill

    boss = make_user("manager")
    rate_skill(people[0].id, skills[0].id, 2, source="manager", rater_id=boss.id)
    take_in("email,Python\nada@example.com,5\n")
    assert levels_of(people[0]) == {"Python": 2}
