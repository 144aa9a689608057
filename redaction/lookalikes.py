"""Letters that look like Latin ones: a small table, used where texts are compared and never in what is written.

Compatibility forms (full-width, mathematical, circled letters) need no row: NFKD turns them into Latin letters. Rows
are of folded letters, so that a word in capitals and in small letters stays one word. Digits are not letters.
"""

from __future__ import annotations

from typing import Final

_GREEK: Final = ("αβγεζηικμνορτυχωϲϳ", "abyezhikmvoptuxwcj")
_CYRILLIC: Final = ("авгеһніјкморсѕтухѵԁԛԝԍӏҽүғ", "abrehhijkmopcstyxvdqwgleyf")
_ARMENIAN: Final = ("օոսհցգյ", "onuhgqj")
_CHEROKEE: Final = ("ᎪᏴᏟᎠᎬᎻᎥᎫᏦᏞᎷᏢᎡᏚᎢᏙᏔᏃᏀᏒᏎ", "abcdehijklmprstvwzgrs")
_LATIN: Final = ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡɩɾʋɯøłđðħıŧƀɨʉɍȼꝑ", "abcdefghijklmnoprstuvwyzagiruwoldd" + "hitbiurcp")

TABLE: Final[dict[int, str]] = (
    {
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
