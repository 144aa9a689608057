"""Each recognizer by a table of texts: what is found is marked «so»; texts without marks are near misses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

import pytest

from redaction import policy
from redaction.recognizers import (
    address,
    age,
    birth_date,
    card,
    company,
    date,
    email,
    foreign_script,
    given_name,
    greeting,
    iban,
    ids,
    introduction,
    mail_header,
    phone,
    position,
    secrets,
    web,
)
from redaction.recognizers.rules import Hit
from redaction.recognizers.table import RULES
from tests.growth import grows_linearly

EMAIL = [
    "Write to «jane.fairweather@acme.example.com».",
    "<«j_f+work@mail.example.org»>, mailto:«tom@example.net»",
    "«o'brien@example.com»; «jürgen@bücher.example»",
    "A handle @jane and a price of 5 @ 3.20 each.",
    "user@localhost has no domain",
    "trailing@example.",
]
PHONE = [
    "Call «020 7946 0123» or «+44 161 496 0345».",
    "Mobile: «07700 900530».",
    "US: «(212) 555-0142», «312-555-0143», «+1 415 555 0144».",
    "Tel «+49 30 901820» ext",
    "Revenue was 120 450 300 in 2024 2025 2026.",
    "Meeting on 2025-03-14, 14.03.2025 and 03/14/2025.",
    "Version 1.2.3.4567 and part 100-200-30.",
    "Order 4500012345 was shipped.",
]
WEB = [
    "See «https://www.hollis.example.com/services?id=1».",
    "Host «db01.example.org» and «intranet.acme.local».",
    "Read «acme.co.uk/team» first.",
    "Ping «@jane_f» in the channel.",
    "RT«@jane_f»: the pump runs. rt «@tom_okafor» agreed.",
    "via Search«@jane_f@tom_okafor@acme» and more",
    "Mail RT@example.org or run@the ridge: neither is one",
    "Logs are in /home/«jfairweather»/logs and C:\\Users\\«tom.okafor»\\Desktop\\x.",
    "It is done.Now we wait.",
    "Open main.py, notes.md and report.docx in e.g. node.js.",
    "Version 2.10.3 of 12.5.2025.",
    "/home/guest/x is shared.",
]
IBAN = [
    "Pay to «DE89 3704 0044 0532 0130 00» please.",
    "«GB29NWBK60161331926819»",
    "IBAN: «NL91 ABNA 0417 1643 00» BIC",
    "DE89 3704 0044 0532 0130 01 has a wrong check digit.",
    "Part GB12 3456 7890 is no account.",
]
IDS = [
    "Account number «12345678», sort code «20-00-00».",
    "Employee ID: «E-48213».",
    "Ticket «INC0123456» was closed.",
    "Invoice no. «483920» is open.",
    "Case #«2024-00417» and customer number «C-99812».",
    "Your reference: «AB/2210-7»",
    "Order 3 of the day; issue 2 is next.",
    "The policy of 2024 and the contract 2024-2026.",
    "Plate number: «AB12 CDE»; ticket «SUP-258818», part NV-782.82, norm ISO-27001.",
    "Account for 25% of sales.",
    "Case 12 shows it.",
]
SECRETS = [
    "key «AKIAIOSFODNN7EXAMPLE» leaked",
    "password: «hunter2!x»",
    "The password is «Tr0ub4dor&3».",
    "token = «ghp_abcdefghijklmnopqrstuvwxyz0123456789»",
    "Authorization: Bearer «abcdefghijklmnop1234567890»",
    "«postgres://app:s3cret@db.example.org/main»",
    "API key: «9f8e7d6c5b4a39281706»",
    "Password: «hunter2!»",
    "Choose a password with ten letters.",
    "The password policy applies; the password is required.",
    "A token of our thanks.",
]


def fake(prefix: str, length: int, digits: str = "Fake1") -> str:
    """A value of the right shape that nobody ever issued."""
    return prefix + (digits * length)[:length]


HEX = "fa4e1"
LINE = fake("", 64)
RSA = "RSA PRIVATE KEY-----"
SECRETS += [
    f"id «{fake('ASIA', 16, 'FAKE2')}» is one",
    f"aws_secret_access_key = «{fake('', 40)}»",
    f"«{fake('AKIA', 16, 'FAKE2')}», «{fake('', 40)}»",
    f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={fake('', 86)}==;EndpointSuffix=y".join("«»"),
    f"key «{fake('AIza', 35)}» of a map",
    f"«{fake('GOCSPX-', 28)}» and «{fake('ya29.', 40)}»",
    f"git clone with «{fake('github' + '_pat_', 40)}» or «{fake('glpat-', 20)}»",
    f"slack «{fake('xox' + 'b-1234567890-', 24)}»",
    f"post to «https://hooks.slack.com/services/T0FAKE/B0FAKE/{fake('', 24)}» daily",
    f"post to «https://discord.com/api/webhooks/1234567890/{fake('', 40)}» daily",
    f"stripe «{fake('sk' + '_live_', 24)}», «{fake('whsec_', 32)}»",
    f"sendgrid «{fake('SG.', 22)}.{fake('', 43)}»",
    f"twilio «{fake('SK', 32, HEX)}», mailchimp «{fake('', 32, HEX)}-us12»",
    f"openai «{fake('sk-proj-', 48)}», «{fake('sk-ant-', 48)}», «{fake('hf_', 34)}»",
    f"//registry.npmjs.org/:_authToken=«{fake('npm' + '_', 36)}»",
    f"«{fake('pypi-AgEIcHlwaS5vcmc', 80)}»",
    f"telegram «123456789:{fake('AA', 33)}» bot",
    f"vault «{fake('hvs.', 30)}» do «{fake('dop_v1_', 64, HEX)}»",
    f"jwt «{fake('eyJ', 20)}.{fake('eyJ', 30)}.{fake('', 43)}» end",
    "«mysql://root:fake-Pass1@db.example:3306/app» and «redis://:fakepass1@cache.example:6379/0»",
    "«https://jane:fake-Pass1@git.example/x.git»",
    "«Server=db.example;Database=app;User Id=sa;Password=fake-Pass1;»",
    f"GET /x?sv=1&sig=«{fake('', 43)}%3D»",
    f"https://x.example/hook?token=«{fake('', 24)}»&page=2",
    f"Set-Cookie: sessionid=«{fake('', 32)}»; Path=/",
    f"Cookie: lang=en; PHPSESSID=«{fake('', 26, 'fake1')}»; theme=dark",
    "Authorization: Basic «ZmFrZTpmYWtlLXBhc3Mx»",
    "License key: «FAKE1-FAKE2-FAKE3-FAKE4-FAKE5»",
    "Product key «FAK1E-FAK2E-FAK3E-FAK4E-FAK5E» and serial number: «FK12-AB34-CD56»",
    "curl -u «admin:fake-Pass1» https://x.example",
    "mysqldump -u root -p«fakePass1» app; tool --password=«fakePass1!»",
    f"root:«$6$fakesalt$fakehash{fake('', 60)}»:19000:0",
    "DB_PASSWORD=«fake-Pass1»",
    "export SLACK_TOKEN='«fakeToken-12345»'",
    'clientSecret: "«fakeSecret12345»"',
    '"smtp_password": "«fake$Pass1(x)»"',
    "DJANGO_SECRET_KEY = '«fak3-key-with-many-words»'",
    "JWT_SECRET: «fakesecret2025»",
    "Passwort: «fake-Pass1»",
    f"otp «otpauth://totp/x?secret={fake('', 16)}»",
    f"«{fake('AGE-SECRET-KEY-1', 58, 'FAKE2')}»",
    f"«-----BEGIN {RSA}\n{LINE}\n{LINE}\n{fake('', 20)}==\n-----END {RSA}» after",
    f"«-----BEGIN {RSA}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,FAKE\n\n{LINE}\n-----END {RSA}»",
    f"«-----BEGIN OPENSSH PRIVATE KEY-----\n{LINE}\n{LINE}»",
    f"«{LINE}\n{LINE}\n{fake('', 9)}=\n-----END PRIVATE KEY-----»\nafter",
    f'{{"private_key": "«-----BEGIN PRIVATE KEY-----\\n{LINE}\\n-----END PRIVATE KEY-----»\\n"}}',
    f"key: |\n  «-----BEGIN PRIVATE KEY-----\n  {LINE}\n  -----END PRIVATE KEY-----»\nname: x",
    f"«-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: Fake\n\n{LINE}\n=Fk1a\n-----END PGP PRIVATE KEY BLOCK-----»",
    # Near misses
    "Put it between -----BEGIN PRIVATE KEY----- and the end mark, please.",
    "-----BEGIN PUBLIC KEY-----\n" + fake("", 64) + "\n-----END PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----\n" + fake("", 64) + "\n-----END CERTIFICATE-----",
    "The private key is kept by the notary; a confidence interval is no secret.",
    "PASSWORD_MIN_LENGTH=12 and MAX_TOKENS = 4096, token_type: bearer",
    "password = get_password(user1); token = request.headers.token2",
    "API_KEY=${API_KEY}, token: <your-token-1>, SECRET_KEY={{ secret_1 }}",
    "postgres://app:{password}@db.example/{name} or redis://:${PASS}@cache.example:6379, pwd.getpwnam(user1)",
    "const token = process.env.TOKEN_1; password: string;",
    "The tokenizer=fast99999 of the secretary: Room 101, 2nd floor",
    "secret: the meeting is at 10; tokens: 15000",
    "https://x.example:8080/path?page=12&key=short",
    "See https://hooks.slack.com/ and https://discord.com/api.",
    "Part ABCDE-FGHIJ-KLMNO-PQRST-UVWXY, ISBN 978-3-16-148410-0, 2025-01-02-03-04-05",
    "Serial number: pending; product code A-12-B",
    "commit 3f2a9c1d5e7b8f0a1c2d3e4f5a6b7c8d9e0f1a2b and sha256 digest",
    "uuid 123e4567-e89b-12d3-a456-426614174000",
    "sk-learn, task-force-of-many-different-people, risk-management-and-compliance",
    "REDACTED_PASSWORD_1 and password: REDACTED_PASSWORD_2, token=[REDACTED_ACCESS_TOKEN_1]",
    "data:image/png;base64," + fake("iVBORw0KGgo", 60),
]
BIRTH_DATE = [
    "Date of birth: «12/03/1984»",
    "She was born on «12 March 1984» in Leeds.",
    "DOB «1984-03-12»",
    "Born in 1984.",
    "The meeting of 12 March 2025.",
]
COMPANY = [
    "We met «Hollis Logistics Ltd» yesterday.",
    "The «Nordwind Analytics GmbH & Co. KG» and «Campoy Construction, Inc.» agree.",
    "«Smith & Partner LLP» advises.",
    "A limited offer; see Section AG of the plan.",
    "The budget is limited.",
]
ADDRESS = [
    "Visit «12 Hollis Street, Leeds, LS1 4ZZ» tomorrow.",
    "«221b Baker Street», then left.",
    "Ship to «84 Monnier Avenue, Springfield, IL 62704».",
    "Sitz: «Lindenstraße 12a, 10969 Berlin».",
    "«PO Box 1234, Albany, NY 12203»",
    "Post code «SW1A 1AA» alone.",
    "12 people walk the street every day.",
    "On 14 March Street cleaning starts.",
    "We sold 40 Park passes.",
    "Ana Ferreira\n«4182 Rua do Carmo 27\n Apt. 12\n Porto\n Portugal 40501»",
    "Send it to «Mannerheimintie 5, 00100 Helsinki, Finland», please.",
    "> «77 rue des Lilas\n> Suite 4\n> Lyon\n> France»\n",
    "Send it to «PSC 1234, Box 5678\nAPO AE 09012» today.",
    "«unit 1234 box 567\ndpo ap 96543»",
    "«Kossuth Lajos u. 12». It is the office",
    "Our new address is «5512 Marek 19, Brno»",
    "Meet at «the corner of Hollis Street and Mill Lane».",
    "He lives at «Vestergade 52, Odense».",
    "My zip code is «62704», ZIP: «7412 SL»",
    "See Suite of tools and apartment prices.",
    "The meeting is at Table 5 and Room 12.",
    "Delivered to Finance on 12 March 2025.",
    "Windows 11 and Office 365 are installed.",
]
AGE = [
    "She is «34» years old; a «62»-year-old man, aged «45».",
    "Age: «51»",
    "I just turned «64»",
    "The contract is 5 years long and 200 years old? No: «99» years old.",
    "Page 12 and stage 34; it turned 40 % faster.",
    "He is 5.5 metres away and I am 100% sure.",
]
CARD = [
    "Card «4111 1111 1111 1111» and «5555-5555-5555-4444».",
    "«378282246310005» expires",
    "my debit card is «503867297114», thanks",
    "Order 503867297114 was sent.",
    "4111 1111 1111 1112 has a wrong check digit.",
    "1741 0000 0000 0000 is a total of 0000 0000 0000 0000.",
]
DATE = [
    "On «2025-03-14 10:12:05» and «14 March 2025», «3/14/2025».",
    "Version 10.3.2.1 and part 12-34-567.",
    "In March 2025 or on Monday.",
]
FOREIGN_SCRIPT = [
    "Please ask «渡辺結衣» or «виталий емельянов» about it.",
    "Signed by «أشجع» in the office.",
    "Δt is small and α β are angles in the text.",
    "Все слова этого текста написаны кириллицей, и это не имена людей, а обычный текст.",
    "Plain text.",
]
POSITION = [
    "The beacon stood at «-22.42337, 34.41317» when it was lost.",
    "«51°30′26″N, 0°7′39″W»",
    "Ratios of 12.3456, 981.2345 and 12.34, 56.78.",
]
GIVEN_NAME = [
    "Ask «Roberto» or «samantha mcbride» about it.",
    "«Deb Price» and «Bob Hope» called «Matt».",
    "«Judith L. Perdomo» met «Patricia Desrosiers-Lane»",
    "Will you mark the page in May? Grace is a virtue.",
    "charity begins at home, my brain and the angel",
    "Irish and Sunni are peoples.",
    "file brian.txt, @brian and brian/notes",
]
INTRODUCTION = [
    "Hello, my name is «olga krylova» and I write to you.",
    "My name is «Ján M. Novák» but everyone calls me «Ján»",
    "This is «Ezgi Tandogan» from the office.",
    "She flew to «Ettelgem» and moved to «Porto Covo» later.",
    "We are based in «Trondheim».",
    "«Marsh, Fowler and Lynch» sent it.",
    "Follow up with «Etelka Nagy» on Tuesday, ask «vivi» too.",
    "Ask them, ask IT, and wait for approval.",
    "my name is on the list",
    "We moved to Finance and travel to Customer sites.",
    "Tables, Chairs and Lamps",
]
MAIL_HEADER = [
    "From: «Jane Fairweather» <jane@example.com>",
    "To: «Fairweather, Jane»; «Okafor, Tom»",
    "Attendees: «Jane Fairweather», «Tom Okafor» and «Priya Raman»",
    "Prepared by: «J. Fairweather»",
    "| Owner | ",
    "> Cc: «Maria van der Berg»",
    "[10:02] «Jane»: we ship it\n[10:03] «tom okafor»: good",
    '{"level": "info", "actor": "«Jane Fairweather»", "host": "db01"}',
    "Notices go to the Supplier: «Fairweather, Jane». Thanks",
    "«Jane»: we ship it\n«Tom»: good",
    "Note: this\nStatus: open\nX-To: \nReturn-Path: none",
    "Kenya, Morocco, and Chad are countries.",
    "On Mon, 3 Mar 2025 at 10:12, «Jane Fairweather» <jane@example.com> wrote:",
    "X-To: «Shankman, Jeffrey A»., «Croucher Jr., Mike»",
    "cc: «Suzanne B Clapp»/HOU/ECT@ECT; «Brad West»",
    "From: Finance Department",
    "To: All Staff",
    "Owner: TBD",
    "From: 1 March to 3 April",
]
GREETING = [
    "Hi «Jane»,",
    "Dear «Tom» and «Priya»,",
    "Good morning «Okafor»!",
    "Dear Ms «Fairweather»,",
    "Ask Dr «Okafor» about it.",
    "Kind regards,\n\n«Jane Fairweather»\nFinance",
    "Thanks,\n«Jane»",
    "Hi all,",
    "Dear Team,",
    "«Gloria»,\nhere is the invoice.",
    "Thanks,",
    "Dear Sir or Madam,",
    "Best regards\nThe accounts are attached.",
]

TABLES: dict[str, tuple[Callable[[str], Iterable[Hit]], list[str]]] = {
    "address": (address.find, ADDRESS),
    "age": (age.find, AGE),
    "birth_date": (birth_date.find, BIRTH_DATE),
    "company": (company.find, COMPANY),
    "credit_card": (card.find, CARD),
    "date": (date.find, DATE),
    "email": (email.find, EMAIL),
    "foreign_script": (foreign_script.find, FOREIGN_SCRIPT),
    "given_name": (given_name.find, GIVEN_NAME),
    "greeting": (greeting.find, GREETING),
    "iban": (iban.find, IBAN),
    "ids": (ids.find, IDS),
    "introduction": (introduction.find, INTRODUCTION),
    "mail_header": (mail_header.find, MAIL_HEADER),
    "phone": (phone.find, PHONE),
    "position": (position.find, POSITION),
    "secrets": (secrets.find, SECRETS),
    "web": (web.find, WEB),
}
ROWS = [pytest.param(find, row, id=f"{name}: {row[:40]}") for name, (find, rows) in TABLES.items() for row in rows]


FLOOR = policy.load("standard").floor


def covered(text: str, hits: Iterable[Hit]) -> set[str]:
    """The found texts, those inside longer ones left out."""
    spans = {(hit.start, hit.end) for hit in hits if hit.score >= FLOOR}
    inner = {(low, high) for low, high in spans for start, end in spans - {(low, high)} if start <= low and high <= end}
    return {text[start:end] for start, end in spans - inner}


@pytest.mark.parametrize(
    "text", [f'x = "{fake("", 40, "Zq8wLp2RkT7vYb4NdGh5JmXs3CfE9aUi")}"', f"digest: '{fake('', 40, 'a81f5c09e7b2')}'"]
)
def test_what_only_looks_random_is_left_to_a_person(text: str) -> None:
    standard = policy.load("standard")
    [score] = {hit.score for hit in secrets.find(text)}
    assert standard.verify_floor <= score < standard.floor


@pytest.mark.parametrize(("find", "marked"), ROWS)
def test_what_is_marked_is_found_and_nothing_else(find: Callable[[str], Iterable[Hit]], marked: str) -> None:
    text = re.sub("[«»]", "", marked)
    assert covered(text, find(text)) == set(re.findall("«(.*?)»", marked, re.DOTALL))


ATTACKS = [
    "a." * 5000,
    "a" * 10_000,
    "1 " * 5000,
    "12-" * 3333,
    "A" * 10_000,
    "Aa " * 3333,
    "Aa, " * 2500,
    "a@" * 5000,
    "a.a@" * 2500,
    "\n" * 10_000,
    "> " * 5000,
    "From: " + "Aa, " * 2500,
    "12 " + "Aa " * 3333,
    "https://" + "a" * 9990,
    "http://a" * 1250,
    "password " * 1111,
    "account number " * 666,
    "(" * 10_000,
    "DE89 " * 2000,
    "eyJ" + "a" * 9990,
    "-----BEGIN " * 900,
    "Regards,\n" * 1111,
    "Mr. " * 2500,
    "Dear Aa " * 1250,
    "/home/" * 1666,
    "\\\\a" * 3333,
    "aws secret " * 900,
    "-----BEGIN PRIVATE KEY-----" * 370,
    "-----BEGIN PRIVATE KEY-----\n" + "A" * 64 + "\n" * 9000,
    ("A" * 64 + "\n") * 150 + "-----END PRIVATE KEY-----",
    "Server=a;" * 1111,
    "Server=a;b=c;" + "d=e;" * 2400,
    "password=" * 1111,
    "token_" * 1666,
    "secret: '" * 1111,
    "//" * 5000,
    "://a:" * 2000,
    "eyJa." * 2000,
    "curl " * 2000,
    "xoxb-1-" * 1400,
    "'" + "aB3" * 3333,
    "A1B2C-" * 1666,
    "ibm_cloud_key " * 700,
    "softlayer cl key pass " * 450,
]


@pytest.mark.parametrize("name", [name for name, _ in RULES])
def test_time_grows_no_faster_than_the_text(name: str) -> None:
    find = TABLES[name][0]
    for attack in ATTACKS:
        assert grows_linearly(partial(_look, find, attack), len(attack) // 8, len(attack)), attack[:20]


def _look(find: Callable[[str], Iterable[Hit]], text: str, size: int) -> list[Hit]:
    return list(find(text[:size]))
