"""The sectors and occupations that may stand in a row: the nine sectors and 44 O*NET occupations of GDPval.

A closed list, because these words leave without having been through redaction. Whatever else was typed stays here.
"""

from __future__ import annotations

OCCUPATIONS: dict[str, tuple[str, ...]] = {
    "Finance and Insurance": (
        "Customer Service Representatives",
        "Financial Managers",
        "Financial and Investment Analysts",
        "Personal Financial Advisors",
        "Securities, Commodities, and Financial Services Sales Agents",
    ),
    "Government": (
        "Administrative Services Managers",
        "Child, Family, and School Social Workers",
        "Compliance Officers",
        "First-Line Supervisors of Police and Detectives",
        "Recreation Workers",
    ),
    "Health Care and Social Assistance": (
        "First-Line Supervisors of Office and Administrative Support Workers",
        "Medical Secretaries and Administrative Assistants",
        "Medical and Health Services Managers",
        "Nurse Practitioners",
        "Registered Nurses",
    ),
    "Information": (
        "Audio and Video Technicians",
        "Editors",
        "Film and Video Editors",
        "News Analysts, Reporters, and Journalists",
        "Producers and Directors",
    ),
    "Manufacturing": (
        "Buyers and Purchasing Agents",
        "First-Line Supervisors of Production and Operating Workers",
        "Industrial Engineers",
        "Mechanical Engineers",
        "Shipping, Receiving, and Inventory Clerks",
    ),
    "Professional, Scientific, and Technical Services": (
        "Accountants and Auditors",
        "Computer and Information Systems Managers",
        "Lawyers",
        "Project Management Specialists",
        "Software Developers",
    ),
    "Real Estate and Rental and Leasing": (
        "Concierges",
        "Counter and Rental Clerks",
        "Property, Real Estate, and Community Association Managers",
        "Real Estate Brokers",
        "Real Estate Sales Agents",
    ),
    "Retail Trade": (
        "First-Line Supervisors of Retail Sales Workers",
        "General and Operations Managers",
        "Pharmacists",
        "Private Detectives and Investigators",
    ),
    "Wholesale Trade": (
        "First-Line Supervisors of Non-Retail Sales Workers",
        "Order Clerks",
        "Sales Managers",
        "Sales Representatives, Wholesale and Manufacturing, Except Technical and Scientific Products",
        "Sales Representatives, Wholesale and Manufacturing, Technical and Scientific Products",
    ),
}
SECTORS = frozenset(OCCUPATIONS)
ALL_OCCUPATIONS = frozenset(name for names in OCCUPATIONS.values() for name in names)


def sector(word: str) -> str | None:
    return word if word in SECTORS else None


def occupation(word: str) -> str | None:
    return word if word in ALL_OCCUPATIONS else None
