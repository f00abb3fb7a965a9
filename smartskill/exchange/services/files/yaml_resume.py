"""YAMLResume (yamlresume.dev): read by a safe loader, held to what its schema says, and turned into a JSON Resume.

Scalars stay the text they are written as; anchors, which can make little text very much, are refused.
"""

from collections.abc import Mapping
from typing import Any

from smartskill.exchange.services.files.documents import Document
from smartskill.exchange.services.files.text import decode
from smartskill.exchange.services.files.unreadable import FileUnreadable

MAX_BYTES = 524_288
MAX_DEPTH = 32
MAX_ENTRIES = 500
MAX_KEYWORDS = 100
INDENTED = "the line is indented too far or too little"
# Of each section the keys with the least and most characters that the schema allows; those with * are required.
LENGTHS: dict[str, dict[str, tuple[int, int]]] = {
    "basics": {"name*": (2, 128), "headline": (8, 128), "summary": (16, 1024)},
    "work": {"name*": (2, 128), "position*": (2, 64), "startDate*": (4, 32), "summary*": (16, 1024)},
    "education": {"institution*": (2, 128), "area*": (2, 64), "degree*": (1, 64), "startDate*": (4, 32)},
    "volunteer": {"organization*": (2, 128), "position*": (2, 64), "startDate*": (4, 32), "summary*": (16, 1024)},
    "projects": {"name*": (2, 128), "startDate*": (4, 32), "summary*": (16, 1024)},
    "skills": {"name*": (2, 128), "level*": (1, 32)},
    "languages": {"language*": (1, 64), "fluency*": (1, 64)},
    "certificates": {"name*": (2, 128), "issuer*": (2, 128)},
    "awards": {"title*": (2, 128), "awarder*": (2, 128)},
    "publications": {"name*": (2, 128), "publisher*": (2, 128)},
    "references": {"name*": (2, 128), "summary*": (16, 1024)},
    "interests": {"name*": (2, 128)},
}
CHOICES = {
    ("education", "degree"): ("Middle School", "High School", "Diploma", "Associate", "Bachelor", "Master", "Doctor"),
    ("skills", "level"): ("Novice", "Beginner", "Intermediate", "Advanced", "Expert", "Master"),
    ("languages", "fluency"): (
        "Elementary Proficiency", "Limited Working Proficiency", "Minimum Professional Proficiency",
        "Full Professional Proficiency", "Native or Bilingual Proficiency",
    ),
}  # fmt: skip
RENAMED = {
    "basics": {"headline": "label"},
    "education": {"degree": "studyType"},
    "references": {"summary": "reference"},
}


def read_yaml_resume(content: bytes) -> Document:
    """The file as a JSON Resume; what its schema does not allow is a fault of its entry.

    Raises:
        FileUnreadable: no YAML, or none that is a resume; says where.
    """
    whole = _load(content)
    parts = whole.get("content") if isinstance(whole, Mapping) else None
    if not isinstance(parts, Mapping):
        raise FileUnreadable.because("This YAML has no `content`, so it is no YAMLResume.")
    document = Document()
    _read_basics(document, parts)
    for section in LENGTHS:
        if section != "basics":
            _read_section(document, section, parts.get(section))
    return document


def _read_basics(document: Document, parts: Mapping[str, Any]) -> None:
    basics = parts.get("basics")
    if not isinstance(basics, Mapping):
        document.left_out.append(("content.basics", None, None, "It is required."))
        return
    wrong = _faults("basics", basics)
    document.left_out += [("content.basics", dict(basics), key, message) for key, message in wrong]
    if wrong:
        return
    names = RENAMED["basics"]
    found = {names.get(key, key): value for key, value in basics.items() if isinstance(value, str) and value}
    for name in ("location", "profiles"):
        if parts.get(name):
            found[name] = parts[name]
    document.sections["basics"] = found


def _read_section(document: Document, section: str, entries: Any) -> None:
    if entries in (None, ""):
        return
    place = f"content.{section}"
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        document.left_out.append((place, None, None, f"Not a list of at most {MAX_ENTRIES} entries."))
        return
    for number, entry in enumerate(entries):
        here = f"{place}[{number}]"
        if not isinstance(entry, Mapping):
            document.left_out.append((here, entry, None, "Not an entry with keys."))
            continue
        wrong = _faults(section, entry)
        names = RENAMED.get(section, {})
        path = f"{section}.{len(document.sections.get(section, []))}"
        document.add(section, {names.get(str(key), str(key)): value for key, value in entry.items()}, here)
        document.faults += [(path, key, message) for key, message in wrong]


def _faults(section: str, entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, (least, most) in LENGTHS[section].items():
        key, value = name.rstrip("*"), entry.get(name.rstrip("*"))
        if value in (None, ""):
            if name.endswith("*"):
                found.append((key, "It is required."))
        elif not isinstance(value, str):
            found.append((key, "Not a text."))
        elif not least <= len(value.strip()) <= most:
            found.append((key, f"{least} to {most} characters are allowed; it has {len(value.strip())}."))
        elif (section, key) in CHOICES and value not in CHOICES[section, key]:
            found.append((key, f"“{value[:40]}” is none of {', '.join(CHOICES[section, key])}."))
    if not _is_list_of_texts(entry.get("keywords")):
        found.append(("keywords", f"Not a list of at most {MAX_KEYWORDS} texts."))
    return found


def _is_list_of_texts(words: Any) -> bool:
    if words in (None, ""):
        return True
    return isinstance(words, list) and len(words) <= MAX_KEYWORDS and all(isinstance(word, str) for word in words)


def _load(content: bytes) -> Any:
    import yaml  # slow to import, and few files need it

    if len(content) > MAX_BYTES:
        raise FileUnreadable.because(f"A YAML resume larger than {MAX_BYTES} bytes is not read.")
    text = decode(content)[0]
    try:
        _check_events(yaml, text)
        return yaml.load(text, Loader=_plain_loader(yaml))  # noqa: S506 - a SafeLoader, made plainer still
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = INDENTED if "<block end>" in str(error.problem) else error.problem or error.context
        raise FileUnreadable.because(f"{where}this is no YAML: {problem}.") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FileUnreadable.because(f"This is no YAML: {str(error)[:200]}.") from error


def _check_events(yaml: Any, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise FileUnreadable.because(f"Line {line}: anchors (*{event.anchor[:40]}) are not read.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise FileUnreadable.because(f"Line {line}: nested more than {MAX_DEPTH} deep.")


def _plain_loader(yaml: Any) -> type:
    """A safe loader that knows texts and null only, and no key twice."""

    class PlainLoader(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            if len(set(keys)) < len(node.value):
                problem = "a key is there twice, or is no text"
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
            return super().construct_mapping(node, deep)

    null = "tag:yaml.org,2002:null"
    PlainLoader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if tag == null]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return PlainLoader
