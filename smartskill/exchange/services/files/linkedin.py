"""A LinkedIn data export: the CSV files about oneself in it, by LinkedIn's own column names. Nothing else is opened."""

import re
import zipfile
from collections.abc import Iterator
from typing import Any

from smartskill.exchange.services.files.archives import open_archive, read_member
from smartskill.exchange.services.files.documents import Document
from smartskill.exchange.services.files.text import decode, read_csv
from smartskill.exchange.services.files.unreadable import FileUnreadable

MAX_ENTRIES = 500  # of one file, as the CV takes
Row = dict[str, str]
PERIOD = {"startDate": "Started On", "endDate": "Finished On"}
SECTIONS: dict[str, tuple[str, dict[str, str]]] = {  # the file → section of the CV, and which column is which key
    "positions.csv": ("work", {"name": "Company Name", "position": "Title", "summary": "Description",
                               "location": "Location", **PERIOD}),
    "volunteering.csv": ("volunteer", {"organization": "Company Name", "position": "Role", "summary": "Description",
                                       "cause": "Cause", **PERIOD}),
    "education.csv": ("education", {"institution": "School Name", "studyType": "Degree Name", "summary": "Notes",
                                    "activities": "Activities", "startDate": "Start Date", "endDate": "End Date"}),
    "projects.csv": ("projects", {"name": "Title", "description": "Description", "url": "Url", **PERIOD}),
    "certifications.csv": ("certificates", {"name": "Name", "issuer": "Authority", "url": "Url", "date": "Started On",
                                            "expiryDate": "Finished On", "licenseNumber": "License Number"}),
    "skills.csv": ("skills", {"name": "Name"}),
    "languages.csv": ("languages", {"language": "Name", "fluency": "Proficiency"}),
    "honors.csv": ("awards", {"title": "Title", "summary": "Description", "date": "Issued On"}),
    "publications.csv": ("publications", {"name": "Name", "releaseDate": "Published On", "summary": "Description",
                                          "publisher": "Publisher", "url": "Url"}),
}  # fmt: skip
PROFILE = {"summary": "Summary", "label": "Headline"}


def read_linkedin(content: bytes) -> Document:
    """The export as a JSON Resume.

    Raises:
        FileUnreadable: no archive, or a file in it is none of LinkedIn's.
    """
    document = Document()
    with open_archive(content) as archive:
        members = {name: member for member in archive.infolist() if (name := _file_name(member))}
        for name, (section, keys) in SECTIONS.items():
            if name in members:
                for number, row in _rows(archive, members[name], keys.values()):
                    entry = {key: row.get(column, "") for key, column in keys.items()}
                    document.add(section, entry, f"{_title(members[name])}, row {number}")
        if "profile.csv" in members:
            for _, row in _rows(archive, members["profile.csv"], PROFILE.values()):
                document.sections["basics"] = _basics(row)
    if not document.sections:
        raise FileUnreadable.because("The export holds nothing that is read here (Positions.csv, Education.csv, …).")
    return document


def _file_name(member: zipfile.ZipInfo) -> str | None:
    """LinkedIn's name for a file: exports differ in folders, case and blanks (`Volunteer Experiences.csv`)."""
    name = re.sub(r"[ _]", "", member.filename.replace("\\", "/").rsplit("/", 1)[-1].lower())
    name = "volunteering.csv" if name in ("volunteerexperiences.csv", "volunteer.csv") else name
    return name if name in SECTIONS or name == "profile.csv" else None


def _title(member: zipfile.ZipInfo) -> str:
    return member.filename.replace("\\", "/").rsplit("/", 1)[-1][:60]


def _rows(archive: zipfile.ZipFile, member: zipfile.ZipInfo, needed: Any) -> Iterator[tuple[int, Row]]:
    rows, _ = read_csv(decode(read_member(archive, member))[0], separator=",")
    heads = [place for place, (_, cells) in enumerate(rows[:10]) if set(map(str.strip, cells)) & set(needed)]
    if not heads:  # some files begin with a note
        raise FileUnreadable.because(f"{_title(member)} has none of the columns {', '.join(needed)}.")
    header = [name.strip() for name in rows[heads[0]][1]]
    entries = rows[heads[0] + 1 :]
    if len(entries) > MAX_ENTRIES:
        raise FileUnreadable.because(f"{_title(member)} has {len(entries)} rows; at most {MAX_ENTRIES} are read.")
    for number, cells in entries:
        yield number, {name: cell.strip() for name, cell in zip(header, cells, strict=False)}


def _basics(row: Row) -> dict[str, Any]:
    name = " ".join(filter(None, (row.get("First Name"), row.get("Last Name"))))
    basics: dict[str, Any] = {"name": name} | {key: row.get(column, "") for key, column in PROFILE.items()}
    if place := row.get("Geo Location"):
        basics["location"] = {"region": place}
    sites = re.findall(r"https?://[^\s,\]]+", row.get("Websites", ""))
    if sites:
        basics["url"] = sites[0]
    return {key: value for key, value in basics.items() if value}
