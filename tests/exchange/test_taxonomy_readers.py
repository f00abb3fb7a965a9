"""Reading taxonomies: each oddity that real files hold, in a file of a few lines."""

import lzma

import pytest

from smartskill.exchange.services.taxonomy.entries import TaxonomyUnreadable
from smartskill.exchange.services.taxonomy.esco import ROOT, read_esco
from smartskill.exchange.services.taxonomy.linguist import read_linguist
from smartskill.exchange.services.taxonomy.onet import read_onet
from smartskill.exchange.services.taxonomy.plain_csv import read_list, read_plain_csv

SKILL = "http://data.europa.eu/esco/skill/"
SKILLS = "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,description\r\n"
GROUPS = "conceptUri,preferredLabel\r\n"
BROADER = "conceptType,conceptUri,broaderType,broaderUri\r\n"
TECHNOLOGIES = "O*NET-SOC Code\tTitle\tExample\tCommodity Code\tCommodity Title\tHot Technology\tIn Demand\n"


def esco(folder, *rows: str, **files: str):
    (folder / "skills_en.csv").write_bytes((SKILLS + "".join(row + "\r\n" for row in rows)).encode())
    for name, text in files.items():
        (folder / f"{name}.csv").write_bytes(text.encode())
    return read_esco(folder)


def row(key: str, name: str, aliases: str = "", kind: str = "knowledge", hidden: str = "", text: str = "d") -> str:
    return f'KnowledgeSkillCompetence,{SKILL}{key},{kind},cross-sector,"{name}","{aliases}","{hidden}","{text}"'


def test_line_feeds_within_a_field_part_aliases_while_crlf_ends_the_record(tmp_path):
    found = esco(tmp_path, row("1", "one", "uno\nun\neins"), row("2", "two"))
    assert [(entry.name, entry.aliases) for entry in found.entries] == [("one", ("uno", "un", "eins")), ("two", ())]


def test_white_space_of_every_kind_is_cleaned_and_other_signs_are_kept(tmp_path):
    found = esco(tmp_path, row("1", " co‐operate with\u00a0the  café’s m² ", " \u00a0\n x\u00a0y "))
    assert found.entries[0].name == "co‐operate with the café’s m²"
    assert found.entries[0].aliases == ("x y",)


def test_a_name_among_its_own_aliases_and_repeated_aliases_are_dropped(tmp_path):
    found = esco(tmp_path, row("1", "Manage staff", "manage staff\nlead staff\nLead staff\nMANAGE STAFF"))
    assert found.entries[0].aliases == ("lead staff",)


def test_hidden_labels_are_found_by_too(tmp_path):
    assert esco(tmp_path, row("1", "one", "uno", hidden="wun")).entries[0].aliases == ("uno", "wun")


def test_an_empty_skill_type_and_an_empty_description_are_no_matter(tmp_path):
    entry = esco(tmp_path, row("1", "one", kind="", text="")).entries[0]
    assert (entry.name, entry.description) == ("one", None)


def test_rows_that_cannot_be_used_are_refused_with_their_line(tmp_path):
    found = esco(
        tmp_path,
        row("1", "  "),
        row("2", "x" * 201),
        f"KnowledgeSkillCompetence,{SKILL}3",
        row("4", "four"),
        row("4", "4"),
    )
    assert [entry.name for entry in found.entries] == ["four"]
    assert [(refusal.where, refusal.reason) for refusal in found.refused] == [
        ("skills_en.csv, line 2", "has no name"),
        ("skills_en.csv, line 3", "its name is longer than 200 characters"),
        ("skills_en.csv, line 4", "does not have 8 columns"),
        ("skills_en.csv, line 6", "repeats an earlier row's URI"),
    ]


def test_an_alias_too_long_to_be_a_name_is_dropped(tmp_path):
    assert esco(tmp_path, row("1", "one", "x" * 201)).entries[0].aliases == ()


def test_skills_go_on_the_shelf_of_the_nearest_group_above(tmp_path):
    found = esco(
        tmp_path,
        row("1", "direct"),
        row("2", "by way of another"),
        row("3", "nowhere"),
        row("4", "in a circle"),
        skillGroups_en=f'{GROUPS}{SKILL}G1,"top, \nwith a line"\r\n{SKILL}G2,low\r\n{SKILL}G3,lost\r\n',
        broaderRelationsSkillPillar=(
            f"{BROADER}SkillGroup,{SKILL}G2,SkillGroup,{SKILL}G1\r\nSkillGroup,{SKILL}G3,SkillGroup,{SKILL}unknown\r\n"
            f"KnowledgeSkillCompetence,{SKILL}1,SkillGroup,{SKILL}G2\r\n"
            f"KnowledgeSkillCompetence,{SKILL}1,SkillGroup,{SKILL}G1\r\n"
            f"KnowledgeSkillCompetence,{SKILL}2,KnowledgeSkillCompetence,{SKILL}1\r\n"
            f"KnowledgeSkillCompetence,{SKILL}4,KnowledgeSkillCompetence,{SKILL}4\r\n"
        ),
    )
    assert {entry.name: entry.shelf for entry in found.entries} == {
        "direct": f"{SKILL}G2", "by way of another": f"{SKILL}G2", "nowhere": ROOT.uri, "in a circle": ROOT.uri,
    }  # fmt: skip
    assert [(shelf.name, shelf.parent) for shelf in found.shelves] == [
        ("ESCO", None), ("top, with a line", ROOT.uri), ("lost", ROOT.uri), ("low", f"{SKILL}G1"),
    ]  # fmt: skip


def test_a_collection_alone_is_read_with_its_own_separator(tmp_path):
    text = f"conceptUri,preferredLabel,altLabels,description\r\n{SKILL}1,one,uno | eins,d\r\n"
    (tmp_path / "digitalSkillsCollection_en.csv").write_text(text, newline="")
    found = read_esco(tmp_path, ["digital"])
    assert (found.entries[0].aliases, found.is_whole) == (("uno", "eins"), False)


def test_a_collection_beside_the_whole_file_chooses_from_it(tmp_path):
    text = f"conceptUri,preferredLabel,altLabels,description\r\n{SKILL}2,two,,d\r\n"
    (tmp_path / "digitalSkillsCollection_en.csv").write_text(text, newline="")
    whole = esco(tmp_path, row("1", "one"), row("2", "two", "deux", hidden="tow"))
    found = read_esco(tmp_path, ["digital"])
    assert found.entries == [whole.entries[1]]


def test_compressed_files_and_a_byte_order_mark_are_read(tmp_path):
    with lzma.open(tmp_path / "skills_en.csv.xz", "wb") as file:
        file.write(("\ufeff" + SKILLS + row("1", "one", "a\nb") + "\r\n").encode())
    assert read_esco(tmp_path).entries[0].aliases == ("a", "b")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "neither"),
        (b"conceptUri,altLabels\r\n", "preferredLabel"),
        (SKILLS.encode() + b"\xff\xfe,\r\n", "cannot be read"),
        (b"", "lacks the column"),
    ],
)
def test_what_is_no_such_file_is_named(tmp_path, content, words):
    if content is not None:
        (tmp_path / "skills_en.csv").write_bytes(content)
    with pytest.raises(TaxonomyUnreadable, match=words):
        read_esco(tmp_path)


def test_a_broken_archive_is_named(tmp_path):
    (tmp_path / "skills_en.csv.xz").write_bytes(b"no archive")
    with pytest.raises(TaxonomyUnreadable, match=r"skills_en\.csv\.xz"):
        read_esco(tmp_path)


def test_technologies_are_there_once_on_the_shelf_they_are_most_often_under(tmp_path):
    lines = ["Jira\t11\tWork", "Jira\t22\tProjects", "Jira\t22\tProjects", 'The "Tool"\t11\tWork', "C#\t33\tLanguages"]
    body = "".join("11-1011.00\tChief\t{}\tY\tN\n".format(line) for line in lines)  # noqa: UP032
    (tmp_path / "technology_skills.tsv").write_text(TECHNOLOGIES + body)
    found = read_onet(tmp_path, ["technology"])
    names = {shelf.uri: shelf.name for shelf in found.shelves}
    assert [(entry.name, names[entry.shelf]) for entry in found.entries] == [
        ("Jira", "Projects"), ('The "Tool"', "Work"), ("C#", "Languages"),
    ]  # fmt: skip
    assert found.entries[2].uri.endswith("example?e=C%23")


def test_elements_are_there_once_with_their_meaning(tmp_path):
    (tmp_path / "skills.tsv").write_text("Element ID\tElement Name\tScale ID\n2.A\tWriting\tIM\n2.A\tWriting\tLV\n")
    (tmp_path / "content_model_reference.tsv").write_text(
        "Element ID\tElement Name\tDescription\n2.A\tWriting\tTo write.\n"
    )
    entries = read_onet(tmp_path, ["skills"]).entries
    assert [(entry.name, entry.description) for entry in entries] == [("Writing", "To write.")]


def test_languages_are_read_and_data_formats_are_not(tmp_path):
    (tmp_path / "languages.json").write_text(
        '[{"name": "C++", "type": "programming", "aliases": ["cpp", "c++"], "languageId": 43},'
        ' {"name": "JSON", "type": "data", "languageId": 174}]'
    )
    found = read_linguist(tmp_path)
    assert [(entry.name, entry.aliases) for entry in found.entries] == [("C++", ("cpp",))]
    (tmp_path / "languages.json").write_text("{}")
    with pytest.raises(TaxonomyUnreadable):
        read_linguist(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "name,category,aliases,description\nKubernetes,Data > Clusters,k8s|kube;K8S,Runs things\n",
        "\ufeffName;Category;Aliases;Description\r\nKubernetes;Data > Clusters;k8s|kube|K8S;Runs things\r\n",
        'Name\tAliases\tDescription\tCategory\nKubernetes\t"k8s\nkube"\tRuns things\tData >  Clusters \n\n',
    ],
)
def test_an_own_list_is_read_however_it_was_saved(tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8", newline="")
    found = read_plain_csv(path)
    entry = found.entries[0]
    assert (entry.name, entry.aliases, entry.description) == ("Kubernetes", ("k8s", "kube"), "Runs things")
    assert [shelf.name for shelf in found.shelves] == ["Data", "Clusters"]
    assert entry.shelf == found.shelves[1].uri


def test_an_own_lists_bad_rows_are_refused_and_bad_headers_named(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("name,category\nA,B,C\n,B\nGood,B\n")
    found = read_plain_csv(path)
    assert [refusal.where for refusal in found.refused] == ["list.csv, line 2", "list.csv, line 3"]
    assert [entry.name for entry in found.entries] == ["Good"]
    for header, words in (("skill,category", "name"), ("name,level", "level"), ("name,name", "each once")):
        path.write_text(f"{header}\nA,B\n")
        with pytest.raises(TaxonomyUnreadable, match=words):
            read_plain_csv(path)
    path.write_bytes(b"\x00\x01")
    with pytest.raises(TaxonomyUnreadable, match="cannot be read"):
        read_plain_csv(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_an_own_list_is_read_in_any_usual_encoding_and_separator(tmp_path, encoding, separator):
    path = tmp_path / "list.csv"
    path.write_bytes("Skill#Area#Hours\nCafé#Crêpes > Thé#3\n".replace("#", separator).encode(encoding))
    found = read_plain_csv(path, mapping={"name": "skill", "category": "Area"})
    assert [entry.name for entry in found.entries] == ["Café"]
    assert [shelf.name for shelf in found.shelves] == ["Crêpes", "Thé"]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"name": "Nope"}, "no column Nope; it has Skill"),
        ({"level": "Skill"}, "no level"),
        ({"aliases": "Skill"}, "name"),
    ],
)
def test_a_mapping_that_cannot_be_is_named(mapping, words):
    with pytest.raises(TaxonomyUnreadable, match=words):
        read_list("Skill,Area\nA,B\n", mapping)


NO_SKILLS = {
    "occupations_en.csv.xz": "occupations",
    "occupations_fr.csv.xz": "occupations",
    "occupationSkillRelations.csv": "which skills occupations ask for",
    "skillSkillRelations.csv.xz": "which skill helps",
    "skillsHierarchy_en.csv": "categories",
    "ATTRIBUTION.md": "none of the files",
}


@pytest.mark.parametrize("name", NO_SKILLS)
def test_a_file_of_esco_without_skills_is_named_for_what_it_is(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(TaxonomyUnreadable, match=NO_SKILLS[name]):
        read_esco(tmp_path / name)
    with pytest.raises(TaxonomyUnreadable, match="none of the files"):
        read_onet(tmp_path / name)


def test_a_file_of_onet_without_skills_is_named_for_what_it_is(tmp_path):
    (tmp_path / "job_zones.tsv").write_bytes(b"")
    with pytest.raises(TaxonomyUnreadable, match="how much preparation"):
        read_onet(tmp_path / "job_zones.tsv")


def test_one_file_given_is_that_part(tmp_path):
    text = f"conceptUri,preferredLabel,altLabels,description\r\n{SKILL}1,one,uno | eins,d\r\n"
    (tmp_path / "digitalSkillsCollection_en.csv").write_text(text, newline="")
    found = read_esco(tmp_path / "digitalSkillsCollection_en.csv")
    assert ([entry.name for entry in found.entries], found.is_whole) == (["one"], False)
    esco(tmp_path, row("2", "two"), ISCOGroups_en="x")
    found = read_esco(tmp_path / "skills_en.csv")
    assert ([entry.name for entry in found.entries], found.is_whole) == (["two"], True)
    assert found.beside == ["ISCOGroups_en.csv: groups of occupations"]


def test_an_edition_in_another_language_gives_names_only(tmp_path):
    text = f"conceptUri,preferredLabel,altLabels,description\r\n{SKILL}1,un,une | uno,d\r\n"
    (tmp_path / "digitalSkillsCollection_fr.csv").write_text(text, newline="")
    found = read_esco(tmp_path)
    assert (found.language, found.is_whole, found.shelves) == ("fr", False, [])
    assert [(entry.name, entry.aliases) for entry in found.entries] == [("un", ("une", "uno"))]
    (tmp_path / "transversalSkillsCollection_de.csv").write_text(text, newline="")
    with pytest.raises(TaxonomyUnreadable, match="--language"):
        read_esco(tmp_path)
    assert read_esco(tmp_path, language="de").language == "de"
    with pytest.raises(TaxonomyUnreadable, match="language it"):
        read_esco(tmp_path, language="it")
