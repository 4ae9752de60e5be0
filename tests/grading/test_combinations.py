"""Sentences that belong together in any order of taste: a denial stays one whatever harmless sentence follows it.

The cases of the other file are single answers; here every head meets every tail, so that no reading hangs on the pair
that somebody happened to write down.
"""

from __future__ import annotations

import pytest

from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import read_answer

# Says nothing of any table in particular, after whatever it stands.
NEUTRAL = [
    "I hope this answers your question.",
    "Let me know if you would like more detail.",
    "For more information, see the vendor's documentation.",
    "Feel free to send me your query and I will take a look.",
    "Please contact Viewpoint support if you need further help.",
    "You can check this in SQL Server Management Studio.",
    "You can list all tables with sys.tables.",
    "The database has several thousand objects.",
    "Viewpoint Vista is a construction ERP by Trimble.",
    "Vista groups its objects by module, such as AP, AR, JC and PR.",
    "Most people query the views rather than the base tables.",
    "Here is what I found in the documentation.",
    "I checked the schema twice.",
    "Reports are usually written in Crystal Reports.",
    "Keep in mind that permissions are granted per company.",
    "Make sure you have read access to the database.",
    "Always test your query in a training company first.",
    "The documentation is available on the customer portal.",
    "Your DBA can give you access.",
    "I based this on the standard schema.",
    "This applies to all versions since 6.0.",
    "Customers often ask about this.",
    "Thank you for your patience.",
    "Sorry for the late reply.",
    "Would you like me to write the query for you?",
    "Do you want to see an example?",
    "What are you trying to accomplish?",
    "Which module are you working in?",
    "Table names in Vista are usually four letters long.",
    "The first two letters of a name stand for the module.",
    "Base tables carry a b in front.",
    "Please double-check the spelling.",
    "If you share the error message I can help further.",
    "If you tell me what data you need, I can point you to it.",
    "That is all I can say about it.",
    "Source: Viewpoint data dictionary.",
    "Last updated: March 2023.",
    "Confidence: high.",
    "No further action is needed.",
    "No worries!",
    "There is no charge for this service.",
    "Don't hesitate to ask again.",
    "You cannot break anything by looking.",
    "Nothing else is required.",
    "I can't run queries myself.",
    "I don't have access to your live data.",
    "Your company may have custom tables as well.",
    "Custom fields start with ud.",
    "Consultants sometimes add their own tables.",
    "Happy querying!",
    "Cheers",
    "The module has four main views.",
    "This is described in chapter 4 of the manual.",
    "For details, see the description of the AP module.",
    "As an AI model I can be wrong, so please verify important results.",
    "Dates are stored as smalldatetime in most tables.",
    "Vista runs on SQL Server 2016 or later.",
    "The first column of a key is usually the company.",
]
DENIALS = [
    "There is no {S} table in Viewpoint Vista.",
    "{S} does not exist.",
    "I could not find {S} in the schema.",
    "Vista doesn't ship with a table called {S}.",
    "{S} isn't part of Vista.",
    "You won't find {S} here.",
    "{S} is not a Vista table.",
    "No table named {S} exists.",
    "Sorry, {S} isn't something I know of in Vista; it does not exist.",
    "Unfortunately, there's no such table as {S}.",
    "The table '{S}' is not in the database.",
    "As far as the schema goes, {S} is not there.",
    "Your query uses {S}, which does not exist in Vista.",
]
# About other tables, or about nothing in particular.
AFTER_DENIAL = [
    "Use APVM instead.",
    "You may be looking for APVM or APVX.",
    "The closest match is APVM (AP Vendor Master).",
    "APVM is the vendor master. It has one row per vendor.",
    "APVM holds that data, and it's keyed by VendorGroup and Vendor.",
    "```sql\nSELECT * FROM APVM WITH (NOLOCK)\n```",
    "Let me know if you need anything else!",
    "Here's what I'd do: query APVM and join ARCM on VendorGroup.",
    "This is how it works: vendors are stored in APVM.",
    "It's best to check the data dictionary.",
    "It is recommended to use WITH (NOLOCK).",
    "If you need help with another table, just ask.",
    "Would you like me to show you APVM?",
    "That said, APVM has everything that you need.",
    "However, APVM exists and is used for vendors.",
    "Note that Vista's tables are named by module. It uses four-letter codes.",
    "It can be confusing, I know. Tables are grouped by module.",
    "The view APVM is the right one; it includes all vendors.",
    "What you want is in APVM, which contains the columns Vendor and Name.",
    "Please check the spelling of the name.",
    "Names in Vista are case-sensitive.",
    "This table isn't needed anyway, since APVM has the data.",
    "You can find vendors in APVM. Its key is VendorGroup, Vendor.",
    "I'd be happy to help with APVM: it's the vendor master and contains names and addresses.",
    "Possible alternatives:\n- APVM: vendors\n- ARCM: customers. It has phone numbers.",
    "The query would be:\n```sql\nSELECT Vendor FROM APVM WITH (NOLOCK)\n```\nIt returns one row per vendor.",
    "If you meant vendors, the table is APVM. It is a view over bAPVM.",
    "All vendor data is there, in APVM.",
    "They are stored in APVM.",
    "You could create a custom table for it, e.g. udThings.",
    "That table was probably invented.",
    "It might exist in another product.",
    "The name suggests a different ERP system.",
    "Both APVM and ARCM exist, and they contain addresses.",
    "It's a common mistake.",
    "This is a common naming convention in other systems.",
    "Vista does have APVM. It contains vendors.",
]
AFFIRMATIONS = [
    "{S} holds one row per record.",
    "{S} is a view in Vista.",
    "The {S} table stores the lines.",
    "{S} contains the columns Co, Mth and Seq.",
    "Yes, {S} exists.",
    "```sql\nSELECT * FROM {S} WITH (NOLOCK)\n```",
    "You can query {S} like any other view.",
    "{S} is part of the AP module and has the key APCo, Mth.",
    "Key columns of {S}: Co, Mth, Seq.",
]
# What is denied here is not the subject.
AFTER_AFFIRMATION = [
    "It has no Vendor column.",
    "There is no primary key defined.",
    "It does not store deleted rows.",
    "Don't forget WITH (NOLOCK); without it the query may block.",
    "There's no column named Status.",
    "No rows are returned if the month is closed.",
    "It is not a base table but a view.",
    "It isn't indexed by date.",
    "APVX does not exist.",
    "There is no APVX table, though.",
    "Note that it doesn't contain vendor names. Those aren't stored here.",
    "If no data is found, nothing has been posted.",
    "You can't update it directly.",
    "It isn't the same as APVM.",
    "Never use SELECT * on it.",
    "There's no need to join APVM.",
    "Not all rows are posted.",
    "The column 'Amount' does not exist. Use GrossAmt.",
    "Nothing else is needed.",
    "No other table is involved.",
    "It's not possible to have two rows with the same key.",
    "Without a filter on the company it returns all companies.",
    "I don't know the meaning of every column.",
    "I'm not sure about the data types.",
    "It may contain NULLs.",
    "If a vendor doesn't exist, the row is rejected.",
    "The table APVX you mentioned does not exist.",
    "Unlike APVX, which doesn't exist, it's a standard object.",
    "I hope this helps! If not, let me know.",
    "Vista doesn't enforce foreign keys.",
    "bAPVX isn't meant to be queried.",
    "NULL is not allowed in the key.",
    "There are no triggers on it.",
    "You don't have to specify the schema.",
]
# The subject offered, described or used.
TAKEN_BACK = [
    "You may be looking for: APVM, {S}.",
    "Did you mean {S}?",
    "Use {S} instead.",
    "Try {S} or APVM.",
    "{S} contains the rows you need.",
    "However, {S} stores one row per record.",
    "Here is the query:\n```sql\nSELECT * FROM {S} WITH (NOLOCK)\n```",
    "SELECT * FROM {S} WITH (NOLOCK)",
    "The correct table is {S}.",
    "Similar tables:\n- APVM\n- {S}",
    "Alternatives: APVM, {S}, ARCM",
    "To get the rows, run `SELECT * FROM {S}`.",
    "It contains one row per record and its key is Co, Mth.",
    "It is used to store records of the module.",
    "{S} has the columns Co, Mth and Seq.",
    "The closest match is {S}.",
    "You can query {S} like this:\n\n```sql\nSELECT Co FROM {S} WITH (NOLOCK) WHERE Co = 1\n```",
    "Join {S} with APVM on VendorGroup.",
    "The columns of {S} are:\n- Co\n- Mth",
    "Its columns are Co, Mth and Seq.",
]
HEDGES = [
    "{S} might be a custom table.",
    "I'm not sure whether {S} exists.",
    "I can't confirm that {S} is part of Vista.",
    "{S} may exist in your installation.",
    "Perhaps {S} is a table of another module.",
]
AFTER_HEDGE = [
    "Please check the catalog.",
    "APVM is the vendor master.",
    "You could look it up in INFORMATION_SCHEMA.TABLES.",
    "If it exists, you can query it.",
    "Vista's tables have short names.",
    "Let me know.",
]
GERMAN_DENIALS = [
    "Die Tabelle {S} existiert nicht.",
    "In Vista gibt es keine Tabelle {S}.",
    "{S} ist keine Tabelle in Vista.",
    "{S} wurde nicht gefunden.",
    "Eine Tabelle namens {S} gibt es nicht.",
]
AFTER_GERMAN_DENIAL = [
    "Verwenden Sie APVM.",
    "Meinten Sie APVM?",
    "APVM enthält die Lieferanten.",
    "Die richtige Tabelle ist APVM.",
    "```sql\nSELECT * FROM APVM WITH (NOLOCK)\n```",
    "Sie finden die Daten in APVM.",
    "Bitte prüfen Sie den Namen.",
]
GERMAN_AFFIRMATIONS = [
    "{S} enthält die Buchungen.",
    "{S} ist eine Sicht in Vista.",
    "Die Tabelle {S} speichert eine Zeile pro Buchung.",
    "Ja, {S} existiert.",
]
AFTER_GERMAN_AFFIRMATION = [
    "Es gibt keine Spalte Vendor.",
    "Sie enthält keine gelöschten Zeilen.",
    "Ohne NOLOCK kann die Abfrage blockieren.",
    "APVX gibt es nicht.",
    "Es ist keine Tabelle, sondern eine Sicht.",
    "Vergessen Sie nicht WITH (NOLOCK).",
]
SPANISH_DENIALS = [
    "La tabla {S} no existe.",
    "No hay ninguna tabla {S} en Vista.",
    "{S} no es una tabla de Vista.",
    "No encontré {S} en el esquema.",
]
AFTER_SPANISH_DENIAL = [
    "Use APVM.",
    "¿Quiso decir APVM?",
    "APVM contiene los proveedores.",
    "La tabla correcta es APVM.",
    "Los datos están en APVM.",
]
SPANISH_AFFIRMATIONS = [
    "{S} contiene las líneas.",
    "{S} es una vista de Vista.",
    "Sí, {S} existe.",
]
AFTER_SPANISH_AFFIRMATION = [
    "No tiene columna Vendor.",
    "No contiene filas borradas.",
    "APVX no existe.",
    "No es una tabla sino una vista.",
    "No olvide WITH (NOLOCK).",
]

FAMILIES = [
    ("denies", DENIALS, AFTER_DENIAL),
    ("denies", DENIALS, NEUTRAL),
    ("affirms", AFFIRMATIONS, AFTER_AFFIRMATION),
    ("affirms", AFFIRMATIONS, NEUTRAL),
    ("contradicts", DENIALS, TAKEN_BACK),
    ("hedges", HEDGES, AFTER_HEDGE),
    ("denies", GERMAN_DENIALS, AFTER_GERMAN_DENIAL),
    ("affirms", GERMAN_AFFIRMATIONS, AFTER_GERMAN_AFFIRMATION),
    ("denies", SPANISH_DENIALS, AFTER_SPANISH_DENIAL),
    ("affirms", SPANISH_AFFIRMATIONS, AFTER_SPANISH_AFFIRMATION),
]


@pytest.mark.parametrize(("stance", "heads", "tails"), FAMILIES)
@pytest.mark.parametrize("subject", ["APTL", "Deliveries"])
def test_every_head_with_every_tail(
    stance: str, heads: list[str], tails: list[str], subject: str, catalog: Catalog
) -> None:
    question = f"Describe the {subject} table structure"
    wrong = []
    for head in heads:
        for tail in tails:
            for between in ("\n\n",) if "```" in head else (" ", "\n\n"):
                answer = (head + between + tail).replace("{S}", subject)
                read = read_answer(question, answer, subject, catalog).stance
                if read != stance:
                    wrong.append(f"{answer!r} read as {read}")
    assert not wrong, "\n".join(wrong)
