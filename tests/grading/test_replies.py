"""A bare yes or no is put to its question, also to one that turns it round."""

from __future__ import annotations

import pytest

from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import read_answer

# Questions to which yes affirms, questions to which yes denies, ways to say yes, ways to say no.
LANGUAGES = {
    "English": (
        [
            "Does {S} exist?",
            "Is {S} a real table?",
            "Is there a table {S}?",
            "Is {S} in Vista?",
            "Can I query {S}?",
            "Does Vista have a {S} table?",
            "Is {S} valid?",
            "Is {S} still there?",
            "{S} exists, correct?",
            "Is it true that there is a table {S}?",
        ],
        [
            "Is {S} missing from the schema?",
            "Is {S} missing?",
            "Was {S} removed?",
            "Has {S} been dropped?",
            "Is {S} gone?",
            "Is it true that {S} does not exist?",
            "Is it correct that Vista has no {S} table?",
            "{S} is not a real table, correct?",
            "Am I right that there is no {S}?",
            "Is {S} made up?",
            "Is {S} an invented name?",
        ],
        [
            "Yes.",
            "Yes",
            "yes",
            "Yep.",
            "Correct.",
            "That's right.",
            "Right.",
            "True.",
            "Exactly.",
            "Absolutely.",
            "Unfortunately, yes.",
        ],
        [
            "No.",
            "No",
            "no",
            "Nope.",
            "Not at all.",
            "No, not at all.",
            "That's wrong.",
            "Incorrect.",
            "Definitely not.",
            "False.",
        ],
    ),
    "German": (
        [
            "Gibt es {S}?",
            "Existiert die Tabelle {S}?",
            "Ist {S} eine echte Tabelle?",
            "Hat Vista eine Tabelle {S}?",
        ],
        [
            "Fehlt {S}?",
            "Wurde {S} entfernt?",
            "Stimmt es, dass es {S} nicht gibt?",
            "Ist die Tabelle {S} gelöscht worden?",
            "Ist {S} erfunden?",
        ],
        ["Ja.", "Ja", "ja", "Richtig.", "Stimmt.", "Genau.", "Ja, leider."],
        ["Nein.", "Nein", "nein", "Nö.", "Überhaupt nicht.", "Keineswegs."],
    ),
    "Spanish": (
        ["¿Existe {S}?", "¿Hay una tabla {S}?", "¿Es {S} una tabla real?", "¿Tiene Vista una tabla {S}?"],
        [
            "¿Falta la tabla {S}?",
            "¿Es verdad que {S} no existe?",
            "¿Se eliminó {S}?",
            "¿Es {S} un nombre inventado?",
        ],
        ["Sí.", "Sí", "sí", "Correcto.", "Así es.", "Exacto."],
        ["No.", "No", "no", "En absoluto.", "Para nada."],
    ),
}
# (stance, questions, answers)
FAMILIES = [
    (stance, questions, answers)
    for straight, turned, yes, no in LANGUAGES.values()
    for stance, questions, answers in (
        ("affirms", straight, yes),
        ("denies", straight, no),
        ("denies", turned, yes),
        ("affirms", turned, no),
    )
]


@pytest.mark.parametrize("number", range(len(FAMILIES)))
def test_replies(number: int, catalog: Catalog) -> None:
    stance, questions, answers = FAMILIES[number]
    wrong = []
    for question in questions:
        for answer in answers:
            found = read_answer(question.replace("{S}", "Invoice"), answer, "Invoice", catalog).stance
            if found != stance:
                wrong.append(f"{question} {answer} is read as {found}, not {stance}")
    assert not wrong, "\n".join(wrong)
