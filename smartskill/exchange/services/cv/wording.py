"""What a CV says around its content, in each language, and how it writes dates."""

from babel.dates import format_date, format_skeleton

from smartskill.kit.partial_date import PartialDate
from smartskill.notifications.services.texts import Catalogue

LOCALES = {"en": "en_GB", "de": "de_DE"}
TEXTS: Catalogue = {
    "en": {
        "title": "CV of {name}",
        "nameless": "CV",
        "summary": "Profile",
        "work": "Experience",
        "projects": "Projects",
        "talks": "Talks",
        "education": "Education",
        "certificates": "Certificates",
        "skills": "Skills",
        "languages": "Languages",
        "volunteer": "Volunteering",
        "awards": "Awards",
        "publications": "Publications",
        "interests": "Interests",
        "references": "References",
        "today": "today",
        "until": "until {end}",
        "range": "{start} – {end}",
        "expires": "valid until {end}",
        "more": ("… and one more entry", "… and {count} more entries"),
        "level.5": "Expert",
        "level.4": "Advanced",
        "level.3": "Intermediate",
        "level.2": "Elementary",
        "level.1": "Beginner",
        "level.none": "Also",
        "keywords": "Used:",
        "email": "E-mail",
        "phone": "Phone",
        "location": "Place",
        "url": "Web",
        "made_on": "Made with Smart-Skill on {date}",
        "page": "Page",
        "empty": "Nothing is shown in this CV yet.",
    },
    "de": {
        "title": "Lebenslauf von {name}",
        "nameless": "Lebenslauf",
        "summary": "Profil",
        "work": "Berufserfahrung",
        "projects": "Projekte",
        "talks": "Vorträge",
        "education": "Ausbildung",
        "certificates": "Zertifikate",
        "skills": "Fähigkeiten",
        "languages": "Sprachen",
        "volunteer": "Ehrenamt",
        "awards": "Auszeichnungen",
        "publications": "Veröffentlichungen",
        "interests": "Interessen",
        "references": "Referenzen",
        "today": "heute",
        "until": "bis {end}",
        "range": "{start} – {end}",
        "expires": "gültig bis {end}",
        "more": ("… und ein weiterer Eintrag", "… und {count} weitere Einträge"),
        "level.5": "Expertenniveau",
        "level.4": "Fortgeschritten",
        "level.3": "Gute Kenntnisse",
        "level.2": "Grundkenntnisse",
        "level.1": "Einstieg",
        "level.none": "Außerdem",
        "keywords": "Eingesetzt:",
        "email": "E-Mail",
        "phone": "Telefon",
        "location": "Ort",
        "url": "Web",
        "made_on": "Erstellt mit Smart-Skill am {date}",
        "page": "Seite",
        "empty": "Dieser Lebenslauf zeigt noch nichts.",
    },
}


def say_partial(language: str, text: str, *, is_exact: bool = False) -> str:
    """A date as people write it: 2019, May 2019, and the day only where it matters; what is no date stays as it is."""
    try:
        found = PartialDate.parse(text)
    except ValueError:
        return text
    if found.precision == "year":
        return str(found.first.year)
    if found.precision == "day" and is_exact:
        return format_date(found.first, "long", locale=LOCALES[language])
    return format_skeleton("yMMMM", found.first, locale=LOCALES[language])
