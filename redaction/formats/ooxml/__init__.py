"""Office Open XML (ECMA-376, ISO/IEC 29500): one engine for documents, workbooks and presentations.

The road of a file, the same for ``extract`` and ``rewrite``, so that anchors always agree:

- ``archive``    the zip is checked before anything is parsed; out come members, in no order
- ``package``    parts are found from the package root by relationship type; only parts of the allow-list are read
- ``cleaning``   elements and attributes that may not travel are dropped; what pointed at a dropped part goes too
- ``slots``      every text and every human-readable attribute that is left becomes a slot (a segment one can write to)
- ``writer``     a new zip: generated names, generated relationships, our own properties

``parts`` is the allow-list as data; ``office`` joins the steps; docx.py, xlsx.py and pptx.py one level up add what
only their format has.
"""
