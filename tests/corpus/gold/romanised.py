"""Names of other scripts in Latin letters, where Faker has none or few: tables of common names, two alphabets."""

from __future__ import annotations

KOREAN_GIVEN = (
    "Minjun", "Seojun", "Dohyun", "Jiho", "Junseo", "Hyunwoo", "Jihoon", "Sungmin", "Donghyun", "Jaewon", "Youngho",
    "Kyungsoo", "Sangchul", "Taeyang", "Woojin", "Seoyeon", "Jiwoo", "Seohyun", "Minseo", "Hayoon", "Jimin", "Soojin",
    "Eunji", "Hyejin", "Yuna", "Myungsook", "Sunhee", "Bomi", "Nayoung", "Kyunghee", "Ji-hye", "Min-ho", "Seung-woo",
    "Hye-rin", "Dong-wook", "Eun-kyung", "Sang-hoon", "Yoon-ah", "Tae-hyung", "So-yeon",
)  # fmt: skip
KOREAN_FAMILY = (
    "Kim", "Lee", "Park", "Choi", "Jung", "Kang", "Cho", "Yoon", "Jang", "Lim", "Han", "Oh", "Seo", "Shin", "Kwon",
    "Hwang", "Ahn", "Song", "Ryu", "Hong", "Jeon", "Ko", "Moon", "Yang", "Son", "Bae", "Baek", "Heo", "Noh", "Nam",
    "Sim", "Ha", "Kwak", "Sung", "Cha", "Joo", "Woo", "Koo", "Min", "Yoo",
)  # fmt: skip
ARABIC_GIVEN = (
    "Ahmed", "Mohammed", "Mahmoud", "Mustafa", "Omar", "Khalid", "Yusuf", "Ibrahim", "Tariq", "Hassan", "Hussein",
    "Samir", "Nabil", "Faisal", "Karim", "Rashid", "Walid", "Ziad", "Bilal", "Hamza", "Fatima", "Aisha", "Maryam",
    "Layla", "Noor", "Huda", "Amina", "Salma", "Rania", "Dalia", "Samira", "Yasmin", "Zainab", "Khadija", "Abeer",
    "Ghada", "Lubna", "Nawal", "Rasha", "Wafaa",
)  # fmt: skip
ARABIC_FAMILY = (
    "Al-Rashid", "Al-Masri", "Al-Hashimi", "Haddad", "Khoury", "Nasser", "Mansour", "Saleh", "Farouk", "Darwish",
    "Qasim", "Sabbagh", "Najjar", "Tawfiq", "Al-Zahrani", "Al-Qahtani", "Al-Otaibi", "Barakat", "Shaheen", "Hamdan",
    "Abdallah", "Suleiman", "Awad", "Bishara", "Ghanem", "Hijazi", "Jaber", "Kanaan", "Maalouf", "Nassar", "Othman",
    "Rahman", "Sayegh", "Taher", "Yassin", "Zaki", "Bakri", "Daher", "Fayad", "Issa",
)  # fmt: skip
CHINESE_GIVEN = (
    "Xiaoming", "Jianguo", "Meiling", "Yifan", "Zihan", "Haoran", "Yuxin", "Junjie", "Weimin", "Lihua", "Shufen",
    "Guoqiang", "Xinyi", "Ruoxi", "Mengyao", "Zhiyuan", "Jiahao", "Chunhua", "Xiaohong", "Wenjing",
)  # fmt: skip
VIETNAMESE_FAMILY = (
    "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh", "Mai", "Trịnh", "Cao", "Tạ", "Thái", "Lương", "Tô", "Hà",
)  # fmt: skip

_RUSSIAN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "_",
            "y",
            "_",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
        [
            "a",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "th",
            "i",
            "k",
            "l",
            "m",
            "n",
            "x",
            "o",
            "p",
            "r",
            "s",
            "s",
            "t",
            "y",
            "f",
            "ch",
            "ps",
            "o",
            "a",
            "e",
            "i",
            "i",
            "o",
            "y",
            "o",
            "i",
            "y",
            "i",
            "y",
        ],
        strict=True,
    )
)


def romanised(name: str) -> str:
    """A Russian or Greek name in Latin letters, letter by letter, each word with a capital."""
    table = _RUSSIAN | _GREEK
    letters = "".join(table.get(letter, letter) for letter in name.lower()).replace("_", "")
    letters = letters.replace("oy", "ou") if name[-1].lower() in _GREEK else letters
    return " ".join(word[:1].upper() + word[1:] for word in letters.split(" "))
