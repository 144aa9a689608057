"""Letters that look like Latin ones: small tables, used where texts are compared and read, never in what is written.

Compatibility forms (full-width, mathematical, circled letters) need no row: NFKD turns them into Latin letters. Digits
are not letters.

Sources: what is drawn alike is what Unicode's data of confusable characters say (UTS #39, ``confusables.txt``), scripts
of dead languages left out; where those data take ``I`` for ``l`` and ``0`` for ``O``, a capital stays a capital here.
"""

from __future__ import annotations

from typing import Final

# Folded letters, so that a word in capitals and in small letters stays one word. More generous than the shapes below:
# names are compared by it, and a comparison that finds too much is asked for more.
_GREEK: Final = ("αβγεζηικμνορτυχωϲϳ", "abyezhikmvoptuxwcj")
_CYRILLIC: Final = ("авгеһніјкморсѕтухѵԁԛԝԍӏҽүғѡ", "abrehhijkmopcstyxvdqwgleyfw")
_ARMENIAN: Final = ("օոսհցգյզռաքտ", "onuhgqjqnwfs")
_CHEROKEE: Final = ("ᎪᏴᏟᎠᎬᎻᎥᎫᏦᏞᎷᏢᎡᏚᎢᏙᏔᏃᏀᏒᏎ", "abcdehijklmprstvwzgrs")
_LATIN: Final = ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡɩɾʋɯıøłđðħŧƀɨʉɍȼꝑ", "abcdefghijklmnoprstuvwyzagiruwiolddhtbiurcp")

# What letters are drawn like, capitals and small letters apart: how a word that mixes scripts is read.
_SHAPES: Final = (
    ("ΑΒϹΕϜΗΙͿΚΜΝΟΡΤΧΥΖϺ", "ABCEFHIJKMNOPTXYZM"),
    ("αγηικνορϱτυχωϲϳ", "aynikvopptuxwcj"),
    ("АВСЕԌНІЈКМОРЅТХУҮԜѴӀԚҒ", "ABCEGHIJKMOPSTXYYWVIQF"),
    ("асԁеҽցһіјӏморԛгѕтѵѡԝхуүѐ", "acdeeghijlmopqrstvwwxyye"),
    ("ՕՏՍԼ", "OSUL"),
    ("ոռսօհցգզաքյ", "nnuohgqqwfj"),
    ("ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏒᏚᎢᏙᏔᎽᏃ", "ABCDEGHJKLMPRRSTVWYZ"),
    ("ⲥⲟⲣⲅ", "copr"),
    ("ⲤⲎⲔⲒⲘⲚⲞⲢⲦⲬⲨ", "CHKIMNOPTXY"),
    ("ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "ABCDEFGHIJKLMNOPRSTUVWXYZ"),
    ("ɑᴄꬲꬵɡᶃıɪɩᴏꭇꜱꞟᴜʋᴠɯᴡɣᶌʏᴢ", "acefggiiiorsuuuvwwyyyz"),
    ("ᴀʙᴅᴇꜰɢʜᴊᴋʟᴍɴᴘʀᴛ", "abdefghjklmnprt"),
    ("ƖǀƦ", "llR"),
    ("ჿყ", "oy"),
)
SHAPES: Final[dict[str, str]] = {
    other: latin for others, latins in _SHAPES for other, latin in zip(others, latins, strict=True)
}

TABLE: Final[dict[int, str]] = (
    {ord(other.casefold()): latin.lower() for other, latin in SHAPES.items()}
    | {
        ord(other): latin
        for others, latins in (_GREEK, _CYRILLIC, _ARMENIAN, _CHEROKEE, _LATIN)
        for other, latin in zip(others, latins, strict=True)
    }
    | {ord("ß"): "ss", ord("œ"): "oe", ord("æ"): "ae", ord("þ"): "th", ord("ŋ"): "n", ord("ĸ"): "k"}
    # White on black, in circles and squares, and the letters of flags: no compatibility forms in Unicode.
    | {first + index: chr(ord("a") + index) for first in (0x1F150, 0x1F170, 0x1F1E6) for index in range(26)}
)

# Greek letters that have two lookalikes, mostly one for the capital: Η is H to a reader, η is n.
AMBIGUOUS: Final[dict[int, str]] = {ord("η"): "n", ord("ν"): "n", ord("υ"): "y", ord("γ"): "g"}

# Letters whose capital is drawn like another letter than the small one: one table of folded letters cannot hold both.
TWO_CASES: Final = frozenset("ΗηΝνΥυӀӏ")
