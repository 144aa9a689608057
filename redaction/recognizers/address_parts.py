"""The parts of postal addresses, as patterns: streets of many countries, units, boxes, post codes, places.

Every repetition is bounded, so that each pattern looks at a place of the text for a fixed time at most.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_COUNTRY_FILE: Final = Path(__file__).parent.parent / "words" / "countries.txt"
COUNTRIES: Final = tuple(
    line for line in _COUNTRY_FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
)
COUNTRY: Final = "(?:" + "|".join(re.escape(name) for name in sorted(COUNTRIES, key=len, reverse=True)) + ")"

CAPITALISED: Final = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]{0,24}"
SMALL: Final = (
    r"(?:de|du|des|del|della|di|da|do|dos|das|la|le|les|las|los|el|y|e|of|the|van|von|der|den|am|an|im|zum|zur"
    r"|l'|d'|nad|upon|al)"
)
NUMBER: Final = r"\d{1,5}[A-Za-z]?(?:[-–/]\d{1,5}[A-Za-z]?)?"

STREET_TYPE: Final = (
    r"(?:Street|Str|St|Road|Rd|Avenue|Ave|Av|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Close|Crescent"
    r"|Cres|Way|Walk"
    r"|Boulevard|Blvd|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Gardens|Gdns|Grove|Mews|Row|Hill|Park|Quay|Wharf|Yard|Alley"
    r"|Trail"
    r"|Turnpike|Parade|Rise|View|Green|Plaza|Loop|Run|Point|Broadway|Embankment|Gate|Pass|Squares|Bypass|Esplanade"
    r"|Promenade)"
)
ENGLISH: Final = (
    rf"{NUMBER},? (?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? )?(?:{CAPITALISED} ){{1,4}}{STREET_TYPE}\b\.?"
)
# Street types at the end of one word, then the number: German, Dutch, Nordic, Finnish.
_GLUED: Final = (
    r"(?:straße|strasse|str\.|weg|gasse|platz|allee|ring|damm|ufer|gässli|straat|laan|gracht|plein|kade|dijk|gatan"
    r"|vägen|gränd"
    r"|stigen|gata|gaten|veien|vegen|veg|vei|stien|vej|gade|stræde|stræti|braut|vegur|götu|gata|katu|tie|kuja|polku"
    r"|ranta|kaari"
    r"|puiestee|utca|krogen)"
)
GLUED: Final = rf"[^\W\d_a-zß-öø-ÿ][\w.-]{{1,30}}{_GLUED}\s\d{{1,5}}[a-zA-Z]?\b"
APART: Final = (
    rf"(?:{CAPITALISED} ){{1,3}}(?:Straße|Strasse|Str\.|Weg|Gasse|Platz|Allee|Ring|Damm|Ufer|utca|u\.|út|útja|tér"
    rf"|tere|krt\.|rkp\."
    r"|tänav|tee|iela|gatvė|katu|väg|gata)\s\d{1,5}[a-zA-Z]?\b\.?"
)
ROMANCE: Final = (
    r"(?:\d{1,5}(?: ?(?:bis|ter))?,? )?(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace|[Qq]uai|[Cc]hemin|[Ii]mpasse"
    r"|[Rr]oute|[Aa]llée"
    r"|Via|Viale|Piazza|Corso|Vicolo|Largo|C/|Calle|Avenida|Avda\.?|Plaza|Paseo|Camino|Rua|Travessa|Praça|Estrada"
    r"|Alameda|Rúa"
    rf"|[Uu]l\.|[Uu]lica|[Aa]l\.|[Aa]leja|[Nn]ám\.|Ulice|Strada|Λεωφόρος|Οδός) (?:{SMALL} ?){{0,3}}(?:{CAPITALISED}"
    rf"|\w{{3,24}}) ?"
    rf"(?:(?:{SMALL} |{CAPITALISED} ?)){{0,6}}(?:[ ,]{{0,2}}\d{{1,5}}[a-zA-Z]?\b)?"
)
BOX: Final = r"(?:P\.? ?O\.? ?Box|Post Office Box|Postfach|Postbus|Casilla|Apartado)[ ]\d{1,6}"
STREETS: Final = rf"(?:{ENGLISH}|{APART}|{GLUED}|{BOX})"

UNIT: Final = (
    r"(?:(?:Flat|Unit|Suite|Ste|Apt|Apartment|Floor|Room|Rm|Building|Bldg|Block|House|Office|Level"
    r"|Box)\.? ?#?\w{0,2}\d{1,5}[A-Za-z]?\b"
    r"|#\d{1,5}\b|\d{1,2}(?:st|nd|rd|th) [Ff]loor\b)"
)
# These say by themselves that they are part of an address.
OWN_UNIT: Final = r"(?:Suite|Ste\.|Apt\.?|Apartment)[ ]#?\d{1,5}[A-Za-z]?\b"
MILITARY: Final = (
    r"(?:(?:PSC|CMR|Unit)[ ]\d{1,5},?[ ]{1,2}Box[ ]\d{1,6}|(?:USNS|USNV|USCGC|USS)[ ][\w'’-]{2,30})[ ]?[,\n][ >?]{0,8}"
    r"(?:APO|FPO|DPO),?[ ](?:AA|AE|AP)[ ]\d{5}(?:-\d{4})?"
)

UK_POST_CODE: Final = (
    r"(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPS-UW]|[A-HK-Y]\d[ABEHMNPRV-Y]) ?\d[A-Z]{2})"
)
CA_POST_CODE: Final = r"[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d"
US_STATE: Final = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]"
    r"|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
)
POST_CODE: Final = (
    rf"(?:{UK_POST_CODE}|{CA_POST_CODE}|{US_STATE},? \d{{5}}(?:-\d{{4}})?"
    r"|(?:[A-Z]{1,2}-)?\d{3} ?\d{2}\b|\d{4}(?:-\d{3})?(?: ?[A-Z]{2}\b)?|\d{5}(?:-\d{3,4})?|\d{6})"
)
PLACE: Final = (
    r"(?:[^\W\d_a-zß-öø-ÿ][\w'’.-]{1,24}"
    r"(?:[ -](?:am|an der|on|upon|under|sur|de|la|del|do|nad|di|[^\W\d_a-zß-öø-ÿ][\w'’.-]{1,24})){0,4})"
)
