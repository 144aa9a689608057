"""The shapes of keys and tokens that their issuers document, as data: type, score, pattern, and what it needs.

Where a pattern has a group, the group is the secret. All repeat within bounds. Without one of the last texts a pattern
cannot match, and to look for them is much faster than to try it: those with a capital are looked for as they stand,
the others in the text in small letters.
"""

from __future__ import annotations

import re
from typing import Final

_NOT_BEFORE: Final = r"(?<![A-Za-z0-9_])"
_TEAMS: Final = r"[\w-]{1,60}\.webhook\.office\.com/webhookb2"

_PATTERNS: Final = (
    # Cloud providers
    (
        "AWS_KEY",
        0.99,
        r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
        ("AKIA", "ASIA", "AROA", "AIDA", "ABIA", "ACCA"),
    ),
    ("AWS_KEY", 0.9, r"(?i:aws.{0,20}secret.{0,20}?[\"'=: ]{1,6})([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", ("secret",)),
    (
        "AWS_KEY",
        0.85,
        (
            r"(?:AKIA|ASIA)[A-Z0-9]{16}[\"'\s,;:|=]{1,10}(?:[A-Za-z_ ]{0,40}[\"'\s,;:|=]{1,10})?"
            r"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        ("AKIA", "ASIA"),
    ),
    (
        "API_KEY",
        0.99,
        r"(?i:(?:AccountKey|SharedAccessKey)=)([A-Za-z0-9+/]{42,86}={1,2})",
        ("accountkey", "sharedaccesskey"),
    ),
    ("API_KEY", 0.95, rf"{_NOT_BEFORE}[A-Za-z0-9_~.-]{{3}}8Q~[A-Za-z0-9_~.-]{{31,34}}", ("8Q~",)),
    ("ACCESS_TOKEN", 0.95, r"[?&;]sig=([A-Za-z0-9%/+]{40,100}(?:=|%3[Dd]){0,2})", ("sig=",)),
    ("API_KEY", 0.99, rf"{_NOT_BEFORE}AIza[\w-]{{35}}(?![\w-])", ("AIza",)),
    ("API_KEY", 0.99, rf"{_NOT_BEFORE}GOCSPX-[\w-]{{28}}(?![\w-])", ("GOCSPX-",)),
    ("ACCESS_TOKEN", 0.95, rf"{_NOT_BEFORE}ya29\.[\w-]{{20,400}}", ("ya29.",)),
    ("ACCESS_TOKEN", 0.99, rf"{_NOT_BEFORE}do[opr]_v1_[0-9a-f]{{64}}", ("_v1_",)),
    (
        "API_KEY",
        0.95,
        rf"{_NOT_BEFORE}(?:LTAI[A-Za-z0-9]{{16,24}}|AKID[A-Za-z0-9]{{32}})(?![A-Za-z0-9])",
        ("AKID", "LTAI"),
    ),
    # Source code, packages, deployment
    ("ACCESS_TOKEN", 0.99, rf"{_NOT_BEFORE}gh[pousr]_[A-Za-z0-9]{{30,255}}", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    (
        "ACCESS_TOKEN",
        0.99,
        rf"{_NOT_BEFORE}(?:github_pat_\w{{20,255}}|gl(?:pat|dt|ft|soat|rt|cbt|ptt|oas|imt)-[\w-]{{20,80}})",
        ("github_pat_", "gl"),
    ),
    ("ACCESS_TOKEN", 0.99, rf"{_NOT_BEFORE}(?:ATATT3|ATCTT3|ATBB)[\w=-]{{20,300}}", ("ATATT3", "ATCTT3", "ATBB")),
    (
        "ACCESS_TOKEN",
        0.95,
        rf"{_NOT_BEFORE}(?:npm_[A-Za-z0-9]{{36}}|pypi-[\w-]{{50,300}}|hf_[A-Za-z0-9]{{30,40}})",
        ("hf_", "npm_", "pypi-"),
    ),
    ("ACCESS_TOKEN", 0.95, r":_(?:authToken|auth|password)[ ]?=[ ]?[\"']?([\w+/=.-]{8,200})", ("auth", "password")),
    (
        "ACCESS_TOKEN",
        0.99,
        rf"{_NOT_BEFORE}(?:rubygems_[0-9a-f]{{48}}|oy2[a-z0-9]{{43}}|dckr_pat_[\w-]{{20,60}})",
        ("rubygems_", "oy2", "dckr_pat_"),
    ),
    (
        "ACCESS_TOKEN",
        0.99,
        rf"{_NOT_BEFORE}(?:hv[sbr]\.[\w-]{{24,300}}|[A-Za-z0-9]{{14}}\.atlasv1\.[\w=-]{{60,90}})",
        ("hvs.", "hvb.", "hvr.", ".atlasv1."),
    ),
    (
        "ACCESS_TOKEN",
        0.99,
        rf"{_NOT_BEFORE}(?:dp\.(?:pt|st|ct|sa)\.[\w.-]{{30,80}}|dapi[0-9a-f]{{32}}|PMAK-[0-9a-f]{{24}}-[0-9a-f]{{34}})",
        ("PMAK-", "dapi", "dp."),
    ),
    (
        "API_KEY",
        0.99,
        rf"{_NOT_BEFORE}(?:HRKU-[\w-]{{30,80}}|NRAK-[A-Z0-9]{{27}}|glsa_[\w]{{30,60}}|sntry[su]_[\w+/=.-]{{40,300}})",
        ("HRKU-", "NRAK-", "glsa_", "sntry"),
    ),
    # Payment, mail, telephony, chat
    ("API_KEY", 0.99, rf"{_NOT_BEFORE}[srp]k_(?:live|test)_[A-Za-z0-9]{{16,120}}", ("k_live_", "k_test_")),
    ("API_KEY", 0.99, rf"{_NOT_BEFORE}whsec_[A-Za-z0-9+/=]{{16,80}}", ("whsec_",)),
    (
        "API_KEY",
        0.99,
        rf"{_NOT_BEFORE}(?:sq0(?:atp|csp|idp)-[\w-]{{22,43}}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{{32}})",
        ("sq0", "shp"),
    ),
    ("API_KEY", 0.95, rf"{_NOT_BEFORE}SG\.[\w-]{{16,32}}\.[\w-]{{16,64}}", ("SG.",)),
    (
        "API_KEY",
        0.95,
        rf"{_NOT_BEFORE}(?:key-[0-9a-f]{{32}}|[0-9a-f]{{32}}-us[0-9]{{1,2}}|(?:AC|SK)[0-9a-f]{{32}})(?![\w-])",
        ("-us", "AC", "SK", "key-"),
    ),
    ("API_KEY", 0.95, rf"{_NOT_BEFORE}xkeysib-[0-9a-f]{{64}}-[A-Za-z0-9]{{16}}", ("xkeysib-",)),
    (
        "ACCESS_TOKEN",
        0.99,
        rf"{_NOT_BEFORE}(?:xox[abeoprs]-[A-Za-z0-9-]{{10,200}}|xapp-[0-9]-[A-Za-z0-9-]{{20,200}})",
        ("xox", "xapp-"),
    ),
    ("ACCESS_TOKEN", 0.95, rf"{_NOT_BEFORE}[0-9]{{8,10}}:AA[\w-]{{33}}(?![\w-])", (":AA",)),
    (
        "WEBHOOK_URL",
        0.99,
        (
            r"https://(?:hooks\.slack\.com/(?:services|workflows|triggers)|discord(?:app)?\.com/api/webhooks"
            rf"|hooks\.zapier\.com/hooks/catch|{_TEAMS}|[\w-]{{1,60}}\.logic\.azure\.com(?::443)?/workflows"
            r"|maker\.ifttt\.com/trigger|chat\.googleapis\.com/v1/spaces)/[^\s\"'<>)\]]{8,400}"
        ),
        (
            ".com/api/webhooks",
            ".logic.azure.com",
            ".webhook.office.com/webhookb2",
            "chat.googleapis.com/v1/spaces",
            "hooks.slack.com/",
            "hooks.zapier.com/hooks/catch",
            "maker.ifttt.com/trigger",
        ),
    ),
    # Models
    ("API_KEY", 0.95, rf"{_NOT_BEFORE}sk-(?:ant-|proj-|or-|svcacct-)?[\w-]{{20,200}}", ("sk-",)),
    (
        "API_KEY",
        0.95,
        (
            rf"{_NOT_BEFORE}(?:gsk_[A-Za-z0-9]{{40,60}}|r8_[A-Za-z0-9]{{37}}|pplx-[A-Za-z0-9]{{40,60}}"
            rf"|xai-[A-Za-z0-9]{{60,90}})"
        ),
        ("gsk_", "pplx-", "r8_", "xai-"),
    ),
    # Office tools
    (
        "API_KEY",
        0.99,
        rf"{_NOT_BEFORE}(?:lin_api_[A-Za-z0-9]{{32,48}}|figd_[\w-]{{36,60}}|pat[A-Za-z0-9]{{14}}\.[0-9a-f]{{64}})",
        ("lin_api_", "figd_", "pat"),
    ),
    (
        "API_KEY",
        0.95,
        rf"{_NOT_BEFORE}(?:secret_[A-Za-z0-9]{{43}}|ntn_[A-Za-z0-9]{{40,50}})(?![A-Za-z0-9])",
        ("ntn_", "secret_"),
    ),
    # General forms
    ("ACCESS_TOKEN", 0.95, r"(?<![\w-])eyJ[\w-]{10,2000}\.[\w-]{10,4000}\.[\w-]{10,1000}", ("eyJ",)),
    ("ACCESS_TOKEN", 0.9, r"\b[Bb]earer[ ]{1,4}([A-Za-z0-9._~+/-]{16,2000}={0,2})", ("earer",)),
    (
        "PASSWORD",
        0.95,
        r"\b[Aa]uthorization[\"']?[ ]?[:=][ ]?[\"']?[Bb]asic[ ]{1,4}([A-Za-z0-9+/]{6,400}={0,2})",
        ("uthorization",),
    ),
    ("ACCESS_TOKEN", 0.95, r"\botpauth://[^\s\"'<>]{8,400}", ("otpauth://",)),
    ("PRIVATE_KEY", 0.99, r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b", ("AGE-SECRET-KEY-1",)),
    (
        "ACCESS_TOKEN",
        0.85,
        (
            r"[?&](?:access_token|auth_token|id_token|refresh_token|token|api_?key|key|secret|password|passwd|pwd"
            r"|signature|X-Amz-Signature|X-Amz-Security-Token|X-Goog-Signature|auth)=([^\s&#\"'<>]{12,2000})"
        ),
        (
            "X-Amz-Security-Token",
            "X-Amz-Signature",
            "X-Goog-Signature",
            "api",
            "auth",
            "key",
            "passwd",
            "password",
            "pwd",
            "secret",
            "signature",
            "token",
        ),
    ),
    (
        "CONNECTION_STRING",
        0.95,
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>]{0,60}:[^\s/@\"'<>]{1,120}@[^\s\"'<>]{1,300}",
        ("://",),
    ),
    (
        "CONNECTION_STRING",
        0.95,
        (
            r"(?i:\b(?:Server|Data Source|Host|Address|Driver|Endpoint|AccountEndpoint|AccountName"
            r"|DefaultEndpointsProtocol)"
            r"=[^\n;\"']{1,200};(?:[\w ]{1,40}=[^\n;\"']{0,200};){0,12}?(?:Password|Pwd|AccountKey|SharedAccessKey)"
            r"=[^\n;\"'\s]{1,200}(?:;[\w ]{1,40}=[^\n;\"']{0,80}){0,12};?)"
        ),
        ("accountname", "address", "data source", "driver", "endpoint", "host", "server"),
    ),
    (
        "PASSWORD",
        0.95,
        r"\$(?:2[abxy]|[156y]|argon2(?:id?|d)|scrypt|pbkdf2-sha\d{1,3})\$[./A-Za-z0-9$=,+-]{16,300}",
        ("$",),
    ),
    ("PASSWORD", 0.95, r"\{S?SHA(?:256|512)?\}[A-Za-z0-9+/]{20,120}={0,2}", ("SHA",)),
    ("PASSWORD", 0.9, r"\bcurl\b[^\n|]{0,200}?[ ](?:-u|--user)[ =][\"']?([^\s:\"']{1,60}:[^\s\"']{3,100})", ("curl",)),
    (
        "PASSWORD",
        0.9,
        r"(?<!\S)-{1,2}(?:password|passwd|pass|pwd)[ =][\"']?([^\s\"'<>$-][^\s\"'<>]{3,100})",
        ("-pass", "-pwd"),
    ),
    ("PASSWORD", 0.9, r"\b(?:mysql|mysqldump|mysqladmin)\b[^\n|]{0,120}?[ ]-p([^\s\"'<>]{4,60})", ("mysql",)),
    ("PASSWORD", 0.9, r"\bsshpass[ ]-p[ ]?[\"']?([^\s\"']{4,60})", ("sshpass -p",)),
    (
        "SESSION_COOKIE",
        0.95,
        (
            r"(?i:\b(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|ASPSESSIONID\w{0,10}|connect\.sid|session_?id|sessionid"
            r"|csrf_?token|XSRF-TOKEN|remember_token|_?session|sid|auth_?cookie|\.AspNetCore\.[\w.]{1,40}"
            r"|laravel_session"
            r"|wordpress_logged_in_\w{1,40}|__Secure-[\w.-]{1,40}|__Host-[\w.-]{1,40})=)([^\s;,\"'&<>]{16,2000})"
        ),
        (".aspnetcore.", "__host-", "__secure-", "cookie", "session", "sid", "token", "wordpress_logged_in_"),
    ),
    (
        "LICENSE_KEY",
        0.9,
        r"(?<![A-Z0-9-])(?=[A-Z0-9-]{0,24}[0-9])(?=[0-9-]{0,24}[A-Z])(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}(?![A-Z0-9-])",
        ("-",),
    ),
    (
        "LICENSE_KEY",
        0.85,
        (
            r"(?i:\b(?:licen[cs]e|product|activation|serial|registration)[ _-]?(?:key|code|number"
            r"|no\.?)\b[\"']?[ ]{0,3}"
            r"(?:is|[:=#])?[ ]{0,3}[\"']?)((?=[A-Z0-9-]{0,60}[0-9])[A-Z0-9]{4,8}(?:-[A-Z0-9]{4,8}){2,9})"
            r"(?![A-Za-z0-9-])"
        ),
        ("activation", "licen", "product", "registration", "serial"),
    ),
)

SHAPES: Final = tuple((kind, score, re.compile(pattern), needed) for kind, score, pattern, needed in _PATTERNS)
