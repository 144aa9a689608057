"""Layers of a PDF (optional content): which of them a viewer does not show. Source: ISO 32000-1, 8.11."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pikepdf

from redaction.formats.pdf_streams import dictionary, name_of

Number = tuple[int, int]  # object and generation number


@dataclass(frozen=True)
class Layers:
    """The layers of one file and those its default configuration hides."""

    known: frozenset[Number]
    hidden: frozenset[Number]

    @classmethod
    def of(cls, pdf: pikepdf.Pdf) -> Layers:
        properties = dictionary(pdf.Root.get("/OCProperties"))
        known = frozenset(layer.objgen for layer in properties.get("/OCGs", []))
        default = dictionary(properties.get("/D"))
        off = {layer.objgen for layer in default.get("/OFF", [])}
        if name_of(default.get("/BaseState")) in {"/OFF", "/Unchanged"}:
            off |= known - {layer.objgen for layer in default.get("/ON", [])}
        return cls(known, frozenset(off))

    def hides(self, layer: Any) -> bool:
        """Tell whether a layer is off. What is no known layer counts as off, unless the file has no layers at all."""
        if not self.known:
            return False
        if isinstance(layer, pikepdf.Dictionary) and name_of(layer.get("/Type")) == "/OCMD":
            return self._hides_members(layer)
        return self._is_off(layer)

    def _hides_members(self, membership: Any) -> bool:
        """A membership dictionary is on when all its layers are; conditions of another kind are not judged."""
        members = membership.get("/OCGs")
        layers = list(members) if isinstance(members, pikepdf.Array) else [members]
        plain = "/VE" not in membership and name_of(membership.get("/P", pikepdf.Name.AnyOn)) in {"/AnyOn", "/AllOn"}
        return not plain or not layers or any(self._is_off(layer) for layer in layers)

    def _is_off(self, layer: Any) -> bool:
        known = isinstance(layer, pikepdf.Dictionary) and layer.objgen in self.known
        return not known or layer.objgen in self.hidden
